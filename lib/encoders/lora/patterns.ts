/** Matches names of layers as peft does: by their ends, and by Python's regular expressions. */
import { runInNewContext } from "node:vm";
import { badInput } from "../../errors.ts";
import type { AdapterConfig } from "./config.ts";

/** Milliseconds after which a regular expression is taken to never end. */
const TIMEOUT = 2000;

/**
 * Matches each of `patterns` at the start of each name: its groups, or null. Throws UndertoneError if Python
 * and JavaScript read a pattern differently, or if it takes too long.
 */
export function match(
  patterns: readonly string[],
  names: readonly string[],
  at: string,
): (string[] | null)[][] {
  const sources = patterns.map((pattern) => `^(?:${fromPython(pattern)})`);
  const code = "JSON.stringify(sources.map((source) => new RegExp(source, 'u'))" +
    ".map((expression) => names.map((name) => expression.exec(name))))";
  try {
    return JSON.parse(runInNewContext(code, { sources, names }, { timeout: TIMEOUT }));
  } catch (cause) {
    throw badInput({
      expected: "quick regular expressions that mean the same in Python and JavaScript",
      found: `others (${(cause as Error).message})`,
      at,
      todo: "Write them in a simpler way that matches the same layers.",
    }, cause);
  }
}

/** Converts a Python pattern. Escapes become code points, which mean the same in both languages. */
const fromPython = (pattern: string): string =>
  pattern
    .replace(/\\([^A-Za-z0-9])/gu, (_, c: string) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>");

/** Returns the layers that the configuration targets; `isLinear` decides for `all-linear`. */
export function targeted(
  layers: readonly string[],
  config: Pick<
    AdapterConfig,
    "target_modules" | "exclude_modules" | "layers_to_transform" | "layers_pattern" | "modules_to_save"
  >,
  isLinear: (layer: string) => boolean,
  at: string,
): string[] {
  const { target_modules: targets, exclude_modules: excluded, modules_to_save } = config;
  const named = (list: string | readonly string[]) => {
    if (typeof list !== "string") return layers.filter((layer) => endsIn(layer, list));
    const [found] = match([`(?:${list})$`], layers, at);
    return layers.filter((_, i) => found[i]);
  };
  const out = new Set(excluded.length ? named(excluded) : []);
  const isAll = typeof targets === "string" && targets.toLowerCase() === "all-linear";
  const chosen = isAll ? layers.filter(isLinear) : named(targets);
  const numbered = typeof targets === "string" ? chosen : ofLayers(chosen, config, at);
  return numbered.filter((layer) => !out.has(layer) && !modules_to_save.some((name) => layer.endsWith(name)));
}

/** Returns those in one of the numbered layers of `layers_to_transform`, and those named in full. */
function ofLayers(
  chosen: string[],
  { target_modules, layers_to_transform, layers_pattern }: Pick<
    AdapterConfig,
    "target_modules" | "layers_to_transform" | "layers_pattern"
  >,
  at: string,
): string[] {
  const numbers = [layers_to_transform ?? []].flat();
  if (!numbers.length) return chosen;
  const lists = layers_pattern.length ? layers_pattern : ["[^.]*"];
  const found = match(lists.map((list) => String.raw`.*\.${list}\.(\d+)\.`), chosen, at);
  return chosen.filter((layer, i) => {
    const first = found.map((groups) => groups[i]).find((groups) => groups);
    return target_modules.includes(layer) || (first && numbers.includes(Number(first[1])));
  });
}

/** Whether a name is one of `ends` or ends in one after a dot. */
const endsIn = (name: string, ends: readonly string[]): boolean =>
  ends.some((end) => `.${name}`.endsWith(`.${end}`));

/**
 * Returns the value of the first pattern that matches each name, or `otherwise`. peft matched differently
 * before 0.15: if the version is unknown and the two rules differ, both values are returned.
 */
export function valuesOf(
  patterns: Readonly<Record<string, number>>,
  names: readonly string[],
  otherwise: number,
  { peft_version }: Pick<AdapterConfig, "peft_version">,
  at: string,
): number[][] {
  const keys = Object.keys(patterns);
  if (!keys.length) return names.map(() => [otherwise]);
  const before = match(keys.map((key) => String.raw`.*\.${key}$`), names, at);
  const since = match(keys.map((key) => String.raw`(.*\.)?(${key})$`), names, at);
  return names.map((name, i) => {
    const [was, is] = [before, since].map((found) => {
      const key = keys[found.findIndex((matches) => matches[i])];
      return patterns[key ?? name] ?? otherwise;
    });
    // Versions that write their number into the file use the later rule.
    return [...new Set(peft_version ? [is] : [was, is])];
  });
}
