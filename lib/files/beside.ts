/** Finds what a mistyped path may have meant. */
import { type Dirent, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { nearest } from "../errors.ts";

/**
 * Returns the name nearest to that of a path, of those beside it that `isOne` accepts. Returns undefined if
 * none is near, or the folder can't be read.
 */
export function nearestBeside(path: string, isOne: (entry: Dirent) => boolean): string | undefined {
  return nearest(basename(path), entriesOf(dirname(path)).filter(isOne).map(({ name }) => name));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
