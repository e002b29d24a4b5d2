/** The command that trains with a configuration: the options that differ from their defaults, as flags. */
import { optionsOf } from "../schema.ts";
import { fusionMethods } from "../fusion/mod.ts";
import type { TargetKind } from "../target.ts";
import { withoutAuto } from "./target.ts";
import { type TrainConfig, trainConfig } from "./train.ts";

/** Options that say where results lie, not what is trained. */
const PLACES = ["name", "out", "cache"];

/**
 * Returns the flags of `deno task train` that give a configuration. `target` is the kind of target that the
 * data have, which settles what `auto` means.
 */
export function trainArgs(config: TrainConfig, target: TargetKind = "class"): string[] {
  const defaults = withoutAuto(trainConfig.parse({}), target) as unknown as Record<string, unknown>;
  const given = withoutAuto(config, target) as unknown as Record<string, unknown>;
  return optionsOf(trainConfig).flatMap(({ key, type }) => {
    const value = given[key];
    if (PLACES.includes(key) || value === undefined || isSame(value, defaults[key])) return [];
    if (key === "options") return flagsOf(key, changed(value as Values, methodDefaults(config.method)));
    if (typeof value === "boolean") return [`--${value ? "" : "no-"}${dashed(key)}`];
    if (Array.isArray(value) && type === "array") return listFlag(key, value);
    if (typeof value === "object" && !Array.isArray(value)) return flagsOf(key, value as Values);
    return [`--${dashed(key)}=${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}

/** Returns `deno task <task>` with its arguments, quoted for a shell where that is needed. */
export const commandLine = (task: string, args: readonly string[]): string =>
  ["deno task", task, ...args.map(quoted)].join(" ");

type Values = Readonly<Record<string, unknown>>;

const dashed = (key: string) => key.replaceAll("_", "-");

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The defaults of a method's options; none for a method that is not registered here. */
function methodDefaults(id: string): Values {
  const method = fusionMethods.find((method) => method.id === id);
  return Object.fromEntries(
    method ? optionsOf(method.options).map((option) => [option.key, option.default]) : [],
  );
}

const changed = (values: Values, defaults: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([key, value]) => !isSame(value, defaults[key])));

/** A flag for each value of an object, or one with JSON if a name can't stand in a flag. */
function flagsOf(key: string, values: Values): string[] {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  if (key === "lora" && entries.length === 0) return ["--lora={}"];
  if (entries.some(([name]) => !/^\w+$/.test(name))) return [`--${dashed(key)}=${JSON.stringify(values)}`];
  return entries.map(([name, value]) => `--${dashed(key)}.${dashed(name)}=${literal(value)}`);
}

/** A value within an object, which is read as JSON where it is JSON. */
function literal(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

function listFlag(key: string, values: readonly unknown[]): string[] {
  const isPlain = values.length > 0 && values.every((value) => /^[^,[\s]+$/.test(String(value)));
  return [`--${dashed(key)}=${isPlain ? values.join(",") : JSON.stringify(values)}`];
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
