/** Tells data that are not here from data that can't be read. */
import { dataPath } from "./data_path.ts";
import { PREFIXED, recognitionOf } from "./find.ts";
import { placeAt } from "./place.ts";
import { dataSources, isDataSource } from "./registry.ts";

/**
 * Returns whether nothing lies at a data set's path and no source reads it without a file, e.g. by a word.
 */
export async function isMissing(given: string): Promise<boolean> {
  const path = dataPath(given), [, id, rest] = PREFIXED.exec(path) ?? [];
  const isNamed = id !== undefined && isDataSource(id);
  for (const at of isNamed ? [path, rest] : [path]) {
    const place = await placeAt(at, { labelled: false, audio: false }).catch(() => undefined);
    if (!place && isNamed && at === path) continue; // on Windows, a colon within a name is an error
    if (!place) return false; // it can't be accessed, which reading it tells
    if (place.kind !== "nothing") return false;
    for (const source of dataSources()) if (await recognitionOf(source, at, place)) return false;
  }
  return true;
}
