/** Checks that a record is a valid fusion method before it is registered. */
import { badInput, type Expectation } from "../errors.ts";
import { optionsOf } from "../schema.ts";
import type { FusionMethod } from "./fusion.ts";

const MODALITIES: readonly unknown[] = ["text", "audio"];

/**
 * First parts of parameter names that a head may not use: they belong to encoders and to other checkpoint
 * entries.
 */
const RESERVED = ["text", "audio", "optimizer", "standardizer", "files", "earlier"];

/** Describes the first parameter name that a head may not use. Returns undefined if every name is allowed. */
export function wrongName(names: readonly string[]): string | undefined {
  const wrong = names.find((name) => RESERVED.includes(name.split(".")[0]));
  return wrong &&
    `the parameter '${wrong}', whose name starts with a prefix reserved for other parts of a checkpoint ` +
      `(${RESERVED.map((word) => `'${word}.'`).join(", ")})`;
}

/** Throws bad input that names the first invalid field of the record. */
export function checkMethod(given: unknown): asserts given is FusionMethod {
  demand(typeof given === "object" && given !== null, {
    expected: "a record of id, summary, modalities, options, init and apply",
    found: shown(given),
    at: "registerFusionMethod",
    todo: "Pass the method itself.",
  });
  const { id, summary, modalities, options, init, apply } = given as FusionMethod;
  demand(typeof id === "string" && /^[a-z][a-z0-9_]*$/.test(id), {
    expected: "an id of lower-case letters, digits and '_' that starts with a letter",
    found: shown(id),
    at: "registerFusionMethod",
    todo: "Set id, e.g. 'my_head'.",
  });
  const at = `the fusion method '${id}'`;
  demand(typeof summary === "string" && /^\S[^\n]*$/.test(summary), {
    expected: "a summary of one line",
    found: shown(summary),
    at,
    todo: "Set summary: --help and tables show it.",
  });
  const several = Array.isArray(modalities) ? new Set<unknown>(modalities) : new Set();
  demand(several.size > 0 && several.isSubsetOf(new Set(MODALITIES)) && several.size === modalities.length, {
    expected: "modalities that are 'text', 'audio' or both",
    found: shown(modalities),
    at,
    todo: "List the modalities that the method needs, e.g. ['text', 'audio'].",
  });
  checkOptions(options, at);
  demand(typeof init === "function", {
    expected: "a function init",
    found: shown(init),
    at,
    todo: "Add init(options, sizes, seed), which returns the parameters by name.",
  });
  demand(typeof apply === "function", {
    expected: "a function apply",
    found: shown(apply),
    at,
    todo: "Add apply(params, input, options, context), which returns { logits }.",
  });
}

/**
 * Throws bad input unless `options` is a schema with valid defaults, whose values fit JSON and the command
 * line.
 */
function checkOptions(options: FusionMethod["options"], at: string): void {
  demand(typeof options === "object" && options !== null && "_zod" in options, {
    expected: "options that are a zod schema",
    found: shown(options),
    at,
    todo: "Set options: z.strictObject({ … }), with z from zod; use z.strictObject({}) if there are none.",
  });
  let failure: string | undefined;
  try {
    optionsOf(options);
  } catch (error) {
    failure = (error as Error).message;
  }
  demand(failure === undefined, {
    expected: "options that JSON can hold",
    found: failure ?? "",
    at,
    todo: "Use numbers, strings, booleans and enums, and arrays and objects of them.",
  });
  const { success, data, error } = options.safeParse({}), issue = error?.issues[0];
  demand(success, {
    expected: "options that all have a default",
    found: `${issue?.path.join(".") || "the schema"}: ${issue?.message}`,
    at,
    todo: "Give every option a .default(…), or make it .optional().",
  });
  demand(typeof data === "object" && data !== null && !Array.isArray(data), {
    expected: "options that are an object",
    found: shown(data),
    at,
    todo: "Set options: z.strictObject({ … }).",
  });
}

function demand(holds: boolean, expectation: Expectation): void {
  if (!holds) throw badInput(expectation);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "function" ? "a function" : JSON.stringify(value);
}
