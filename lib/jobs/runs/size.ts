/** How much disk space folders take. */
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fromProject } from "../../paths.ts";
import { listRuns } from "./list.ts";

/** Returns the bytes of all files below a path. Links are not followed; what vanishes meanwhile counts 0. */
export function bytesBelow(path: string): number {
  try {
    const found = lstatSync(path);
    if (!found.isDirectory()) return found.size;
    return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
  } catch {
    return 0;
  }
}

/** The disk space of a folder of runs. */
export interface DiskUse {
  /** Bytes of each part: the runs together, and each other folder. */
  parts: { name: string; what: string; bytes: number }[];
  /** Bytes of all parts. */
  bytes: number;
}

/**
 * Returns the disk space of the runs below `out`, of everything else there, and of the feature cache.
 * Throws UndertoneError if `out` is not there.
 */
export async function diskUse(
  { out = "outputs", cache = "outputs/cache" }: { out?: string; cache?: string } = {},
): Promise<DiskUse> {
  const root = fromProject(out), features = fromProject(cache);
  const { runs } = await listRuns({ out });
  const ofRuns = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = [{ name: root, what: runs.length === 1 ? "1 run" : `${runs.length} runs`, bytes: ofRuns }];
  const isCache = (path: string) => resolve(path) === resolve(features);
  for (const name of readdirSync(root).toSorted()) {
    const path = join(root, name), inside = runs.filter((run) => isBelow(run.path, path));
    const bytes = bytesBelow(path) - inside.reduce((sum, run) => sum + run.bytes, 0);
    if (bytes > 0) parts.push({ name: path, what: isCache(path) ? "feature cache" : "other files", bytes });
  }
  if (!isBelow(features, root) && existsSync(features)) {
    parts.push({ name: features, what: "feature cache", bytes: bytesBelow(features) });
  }
  return { parts, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Returns whether a path is a folder or below it. */
const isBelow = (path: string, folder: string): boolean => !relative(folder, path).startsWith("..");
