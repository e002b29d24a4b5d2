/** The options of folders of results, and which of them differ. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import {
  ablateConfig,
  crossConfig,
  searchConfig,
  trainConfig,
  withoutAuto,
  withSavedNames,
} from "../../config/mod.ts";
import { readJson } from "../../files/mod.ts";
import { parseKept } from "../../schema.ts";
import { ABOUTS, type RunKind } from "./kinds.ts";
import type { RunSummary } from "./summary.ts";

/** Values by name. */
export type Values = Record<string, unknown>;

const SCHEMAS: Readonly<Record<RunKind, z.ZodType>> = {
  run: trainConfig,
  ablation: ablateConfig,
  folds: ablateConfig,
  cross: crossConfig,
  search: searchConfig,
};

/** Returns a folder's options with defaults. If they can't be checked, a note says so. */
export async function optionsIn(
  { kind, path, name, target = "class" }: RunSummary,
  notes: string[],
): Promise<Values> {
  const about = join(path, ABOUTS[kind]);
  let kept: unknown;
  try {
    const file = await readJson(about);
    kept = withSavedNames(kind === "run" ? file : (file as Values).config);
    return { ...withoutAuto(parseKept(SCHEMAS[kind], kept, about) as z.infer<typeof trainConfig>, target) };
  } catch (error) {
    notes.push(`The options of ${name} are compared as they stand: ${(error as Error).message}`);
    return typeof kept === "object" && kept !== null ? kept as Values : {};
  }
}

/** Options that say where a folder is and what it is called. */
const PLACES = ["name", "out"];

/** A value that differs between folders: that of each, undefined where a folder does not have it. */
export interface Differing {
  key: string;
  values: unknown[];
}

/** Returns the values that differ, those of objects one by one, in the order of the first. */
export function differing(all: readonly Values[]): Differing[] {
  const maps = all.map((values) => flat(values));
  return [...new Set(maps.flatMap((map) => [...map.keys()]))].flatMap((key) => {
    const values = maps.map((map) => map.get(key));
    const isSame = values.every((value) => isDeepStrictEqual(value, values[0]));
    return PLACES.includes(key) || isSame ? [] : [{ key, values }];
  });
}

function flat(values: Values, prefix = ""): Map<string, unknown> {
  return new Map(
    Object.entries(values).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      const isEmpty = isObject && Object.keys(value).length === 0;
      if (isEmpty && !prefix) return []; // no options
      return isObject && !isEmpty ? [...flat(value as Values, `${prefix}${key}.`)] : [[prefix + key, value]];
    }),
  );
}
