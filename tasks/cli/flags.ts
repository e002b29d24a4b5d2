/**
 * Reads command-line flags with a zod schema: `--batch-size 16`, `--batch_size=16`, `--no-standardize`,
 * `--options.d=64`. Only this file uses `node:util`'s parser.
 */
import { parseArgs } from "node:util";
import type { z } from "zod";
import { badInput, nearest } from "../../lib/errors.ts";
import { type OptionInfo, optionsOf, parseWith } from "../../lib/schema.ts";
import { commonFlags } from "./common.ts";

/** Returns the flag of a key: `--batch-size` for `batch_size`. */
export const flagName = (key: string): string => `--${key.replaceAll("_", "-")}`;

/** Returns the flag of a path of keys. */
const spelling = (path: readonly PropertyKey[]) => flagName(path.map(String).join("."));

/** Splits off the words that are neither flags nor their values, for tasks that take such words. */
export function splitWords(
  schema: z.ZodObject,
  args: readonly string[],
): { words: string[]; rest: string[] } {
  const plain = tokens(optionsOf(schema), args).filter(({ kind }) => kind === "positional");
  const at = new Set(plain.map(({ index }) => index));
  return { words: args.filter((_, i) => at.has(i)), rest: args.filter((_, i) => !at.has(i)) };
}

/** Splits off the flags of `common`, which every task has, from the words for the schema of one task. */
export function splitFlags(
  common: z.ZodObject,
  schema: z.ZodObject,
  args: readonly string[],
): [common: string[], rest: string[]] {
  const ours = optionsOf(common), all = [...optionsOf(schema), ...ours];
  const at = new Set(
    tokens(all, args).flatMap((token) =>
      token.kind === "option" && resolve(ours, token.name) ? [token.index] : []
    ),
  );
  return [args.filter((_, i) => at.has(i)), args.filter((_, i) => !at.has(i))];
}

/** Returns the given flags as values of the schema's types, without defaults. */
export function readFlags(schema: z.ZodObject, args: readonly string[]): Record<string, unknown> {
  const known = optionsOf(schema);
  const given: Record<string, unknown> = {}, seen = new Set<string>();
  for (const token of tokens(known, args)) {
    if (token.kind === "positional") throw positional(token.value);
    if (token.kind !== "option") continue;
    const { option, negated, inner } = resolve(known, token.name) ?? (() => {
      throw unknown(token.rawName, [...known, ...optionsOf(commonFlags)].map(({ key }) => key));
    })();
    const takesValue = !isSwitch({ option, inner }), { value } = token;
    if (takesValue && (!value || (value.startsWith("--") && !token.inlineValue))) {
      throw badInput({
        expected: `a value after ${flagName(option.key)}`,
        found: value || "nothing",
        at: "the command line",
        todo: `Write ${flagName(option.key)}=<${option.choices?.join("|") ?? option.type}>.`,
      });
    }
    const path = [option.key, inner].join("."), again = seen.has(path);
    const coerced = negated ? false : coerce(option, value), before = given[option.key];
    const isList = Array.isArray(coerced) && !inner;
    const mixed = before !== undefined && (typeof before === "object") !== Boolean(inner) && !isList;
    if (mixed || (again && !isList)) throw twice(token.rawName);
    seen.add(path);
    if (inner) ((given[option.key] ??= {}) as Record<string, unknown>)[inner] = literal(value ?? "true");
    else given[option.key] = again && isList ? [...before as unknown[], ...coerced] : coerced;
  }
  return given;
}

/** Splits the words with `node:util`, which needs to know which flags take a value. */
function tokens(known: readonly OptionInfo[], args: readonly string[]) {
  const names = args.filter((word) => word.startsWith("--")).map((word) => word.slice(2).split("=")[0]);
  const options = Object.fromEntries(
    names.filter(Boolean).map((name) => {
      const boolean = isSwitch(resolve(known, name));
      return [name, { type: boolean ? "boolean" as const : "string" as const }];
    }),
  );
  return parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens;
}

/** Returns whether a flag needs no value: a boolean, or a boolean in an object. */
const isSwitch = (found?: { option: OptionInfo; inner?: string }): boolean =>
  found !== undefined &&
  (found.inner ? found.option.switches?.includes(found.inner) ?? false : found.option.type === "boolean");

/** Returns the option that `no-standardize` or `options.d` belongs to. */
function resolve(known: readonly OptionInfo[], name: string) {
  const [head, ...tail] = name.split(".");
  const find = (key: string) => known.find((option) => option.key === keyOf(key));
  const negative = head.startsWith("no-") ? find(head.slice(3)) : undefined;
  if (negative?.type === "boolean") return { option: negative, negated: true };
  const option = find(head);
  return option && { option, negated: false, inner: tail.length ? tail.map(keyOf).join(".") : undefined };
}

/** Returns the flags, checked by the schema, with defaults. */
export const parseFlags = <S extends z.ZodObject>(schema: S, args: readonly string[]): z.infer<S> =>
  check(schema, readFlags(schema, args));

/** Checks values from flags and adds defaults. Errors spell the keys as flags. */
export const check = <S extends z.ZodObject>(schema: S, values: Record<string, unknown>): z.infer<S> =>
  parseWith(schema, values, "the command line", spelling) as z.infer<S>;

/** Returns values as the flags that give them: the inverse of `readFlags`. */
export const flagsOf = (values: Record<string, unknown>): string[] =>
  Object.entries(values).filter(([, value]) => value !== undefined).map(([key, value]) =>
    `${flagName(key)}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );

/** Returns whether `--help` or `-h` is among the words. */
export const asksForHelp = (args: readonly string[]): boolean =>
  args.includes("--help") || args.includes("-h");

const keyOf = (name: string) => name.replaceAll("-", "_");

/**
 * Converts a word to the option's type. A word that does not fit stays a string, and the schema refuses it.
 */
function coerce(option: OptionInfo, value: string | undefined): unknown {
  if (option.type === "boolean") {
    return value === undefined || value === "true" ? true : value === "false" ? false : value;
  }
  if (value === undefined || option.type === "string") return value;
  if (option.type === "array" && !value.trim().startsWith("[")) return value.split(",").map((v) => v.trim());
  return literal(value);
}

/** Parses a number, a boolean or JSON; returns any other text unchanged. */
function literal(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Flags that version 0.1 named differently. */
const RENAMED: Readonly<Record<string, string>> = {
  checkpointing: "gradient_checkpointing",
  floors: "controls",
};

/** Flags that a task no longer has, with what to do instead. */
const GONE: Readonly<Record<string, string>> = {
  standardize: "Write --normalize=train, or --normalize=none.",
  rejected: "Write --json, whose left_out lists every row, or deno task encode --rejected=<file>.",
};

function unknown(flag: string, keys: readonly string[]) {
  const key = keyOf(flag.replace(/^-+(no-)?/, ""));
  const meant = RENAMED[key] ?? nearest(key, keys);
  return badInput({
    expected: "a known flag",
    found: flag,
    at: "the command line",
    todo: GONE[key] ?? (meant ? `Did you mean ${flagName(meant)}?` : "See --help for all flags."),
  });
}

function twice(flag: string) {
  return badInput({
    expected: `${flag} once`,
    found: "it twice",
    at: "the command line",
    todo: "Leave one of them out.",
  });
}

function positional(word: string) {
  return badInput({
    expected: "flags that start with --",
    found: `'${word}'`,
    at: "the command line",
    todo: "See --help for all flags.",
  });
}
