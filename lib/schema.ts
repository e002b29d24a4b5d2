/** Turns the issues of a zod schema into our error messages, and its keys into the options of `--help`. */
import { z } from "zod";
import { badInput, type Expectation, nearest } from "./errors.ts";

/** One option, as `--help` shows it and as flags are parsed. */
export interface OptionInfo {
  key: string;
  type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  choices?: readonly string[];
  default?: unknown;
  description: string;
  /** Keys of an object's booleans, so that `--context.speakers` needs no value. */
  switches?: readonly string[];
}

interface JsonSchema {
  type?: OptionInfo["type"];
  enum?: string[];
  default?: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** Returns the keys of an object schema in order, with types, choices, defaults and descriptions. */
export function optionsOf(schema: z.ZodType): OptionInfo[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  return Object.entries(properties).map(([key, property]) => ({
    key,
    // A list of objects can only be written as JSON, just as an object can.
    type: property.items?.type === "object" ? "object" : property.type ?? "string",
    choices: property.enum,
    default: property.default,
    description: property.description ?? "",
    ...switchesOf(property),
  }));
}

const switchesOf = ({ properties = {} }: JsonSchema): Pick<OptionInfo, "switches"> => {
  const switches = Object.keys(properties).filter((key) => properties[key].type === "boolean");
  return switches.length > 0 ? { switches } : {};
};

/** Writes the path of a value: `batch_size` in a file, `--batch-size` on a command line. */
export type NameForm = (path: readonly PropertyKey[]) => string;

const dotted: NameForm = (path) => path.map(String).join(".");

/** Returns the value parsed by the schema. Throws UndertoneError that describes the first issue. */
export function parseWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: string,
  spelling: NameForm = dotted,
): T {
  return parsed(schema, value, (issue) => sentence(issue, schema, value, at, spelling));
}

/**
 * Does the same for a file that describes how weights were made. Its values are facts, not settings, so no
 * error advises the user to change them.
 */
export function parseFacts<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  return parsed(schema, value, (issue) => {
    const shown = sentence(issue, schema, value, at, dotted);
    if (issue.code !== "invalid_value") {
      return { ...shown, todo: "The file is damaged or belongs to other weights: fetch it again." };
    }
    return {
      ...shown,
      expected: issue.values.length > 1 ? shown.expected : String(issue.values[0]),
      todo: "The weights need this value, which is not supported here: choose another model.",
    };
  });
}

/** Does the same for a file that a run or its checkpoint wrote. The user should not edit it. */
export function parseKept<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  return parsed(schema, value, (issue) => ({
    ...sentence(issue, schema, value, at, dotted),
    todo: "The file was edited, or another version wrote it: use another file, or that version of Undertone.",
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
  // An unknown key often explains a missing one, so report it first.
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

/** Returns a value as JSON, cut if it is long. Handles a value too deep to serialise. */
function inShort(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? "nothing";
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return "a value too deep to show";
  }
}

/** Names of types in plain English, if the schema's word differs. */
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

/**
 * Returns the keys that the (possibly nested) schema knows at a path. An array index steps into the items.
 */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  for (const key of path) {
    node = (typeof key === "number" ? node.items : node.properties?.[String(key)]) ?? {};
    node = node.anyOf?.find(({ properties }) => properties) ?? node; // e.g. one value, or one for each modality
  }
  return Object.keys(node.properties ?? {});
}
