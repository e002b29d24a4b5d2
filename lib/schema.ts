/** One zod schema is types, checks and help at once: this file turns its verdicts into our sentences and its keys into help. */
import { z } from "zod";
import { badInput, type Expectation, nearest } from "./errors.ts";

/** One option as `--help` shows it and flags are read by. */
export interface OptionInfo {
  key: string;
  type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  choices?: readonly string[];
  default?: unknown;
  description: string;
}

interface JsonSchema {
  type?: OptionInfo["type"];
  enum?: string[];
  default?: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
}

/** The keys of an object schema in order, with types, choices, defaults and descriptions. */
export function optionsOf(schema: z.ZodType): OptionInfo[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  return Object.entries(properties).map(([key, property]) => ({
    key,
    // A list of objects can only be written as JSON, as an object is.
    type: property.items?.type === "object" ? "object" : property.type ?? "string",
    choices: property.enum,
    default: property.default,
    description: property.description ?? "",
  }));
}

/** How the place of a value is written: `batch_size` in a file, `--batch-size` on a command line. */
export type NameForm = (path: readonly PropertyKey[]) => string;

const dotted: NameForm = (path) => path.map(String).join(".");

/** The value as the schema wants it. Throws the first thing wrong as `Expected … but found … at …`. */
export function parseWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: string,
  spelling: NameForm = dotted,
): T {
  return parsed(schema, value, (issue) => sentence(issue, schema, value, at, spelling));
}

/**
 * The same for a file that tells how weights were made: what it says are facts, not settings, so that no error advises to
 * change them.
 */
export function parseFacts<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  return parsed(schema, value, (issue) => {
    const told = sentence(issue, schema, value, at, dotted);
    if (issue.code !== "invalid_value") {
      return { ...told, todo: "The file is damaged, or not that of these weights: fetch it again." };
    }
    return {
      ...told,
      expected: issue.values.length > 1 ? told.expected : String(issue.values[0]),
      todo: "The weights were made for that, which is not supported here: choose another model.",
    };
  });
}

/** The same for what a run or its checkpoint keeps of itself: it is no place for changes. */
export function parseKept<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  return parsed(schema, value, (issue) => ({
    ...sentence(issue, schema, value, at, dotted),
    todo:
      "It was changed after it was written, or written by another version: take another, or that version.",
  }));
}

function parsed<T>(
  schema: z.ZodType<T>,
  value: unknown,
  explain: (issue: z.core.$ZodIssue) => Expectation,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues;
  // An unknown key explains a missing one, so it is told first.
  throw badInput(explain(issues.find((i) => i.code === "unrecognized_keys") ?? issues[0]));
}

function sentence(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  value: unknown,
  at: string,
  spelling: NameForm,
): Expectation {
  const where = (path: readonly PropertyKey[]) => path.length ? `${spelling(path)} (${at})` : at;
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path), key = issue.keys[0], meant = nearest(key, known);
    const names = known.map((k) => spelling([...issue.path, k])).join(", ");
    return {
      expected: "a known option",
      found: `'${spelling([...issue.path, key])}'`,
      at,
      todo: meant ? `Did you mean ${spelling([...issue.path, meant])}?` : `Known are ${names}.`,
    };
  }
  const found = issue.path.reduce((v: unknown, key) => (v as Record<PropertyKey, unknown>)?.[key], value);
  if (found === undefined && issue.path.length > 0) {
    const name = spelling(issue.path);
    return { expected: `a value for ${name}`, found: "nothing", at, todo: `Add ${name}.` };
  }
  const shown = inShort(found);
  if (issue.code === "invalid_value") {
    const choices = issue.values.map(String), meant = typeof found === "string" && nearest(found, choices);
    return {
      expected: `one of ${choices.join(", ")}`,
      found: shown,
      at: where(issue.path),
      todo: meant ? `Did you mean ${meant}?` : "Choose one of these.",
    };
  }
  return {
    expected: wanted(issue),
    found: shown,
    at: where(issue.path),
    todo: "Change the value.",
  };
}

/** A value as JSON, however long or deep it is. */
function inShort(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? "nothing";
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return "a value too deep to show";
  }
}

/** Types as a person says them, where the schema's word is another. */
const TYPES: Record<string, string> = {
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") {
    return TYPES[issue.expected] ?? `a ${issue.expected}`;
  }
  if (issue.code === "too_small") return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
  if (issue.code === "too_big") return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
  return issue.message;
}

/** Keys that the (possibly nested) schema knows at a path; array indices step into the items. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  for (const key of path) {
    node = (typeof key === "number" ? node.items : node.properties?.[String(key)]) ?? {};
  }
  return Object.keys(node.properties ?? {});
}
