/** The machine and engine that a folder of results names. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../files/mod.ts";
import { runFolder } from "../run_folder.ts";
import { ABOUTS, type RunKind } from "./kinds.ts";

/** Folders between a matrix and its ablations. */
const DEPTH = 3;

/**
 * Returns the environment of a run, of an ablation, or of the first ablation inside folds or a matrix.
 * Returns undefined if there is none that can be read.
 */
export async function environmentIn(
  kind: RunKind,
  path: string,
): Promise<Record<string, unknown> | undefined> {
  const file = kind === "run" ? runFolder(path).environment : firstAblation(path, DEPTH);
  if (!file || !existsSync(file)) return undefined;
  const read = await readJson(file).catch(() => undefined) as Record<string, unknown> | null | undefined;
  const environment = kind === "run" ? read : read?.environment;
  return typeof environment === "object" && environment !== null
    ? environment as Record<string, unknown>
    : undefined;
}

function firstAblation(path: string, depth: number): string | undefined {
  const own = join(path, ABOUTS.ablation);
  if (existsSync(own)) return own;
  if (depth === 0) return undefined;
  for (const name of readdirSync(path).toSorted()) {
    const inside = join(path, name);
    const found = statSync(inside, { throwIfNoEntry: false })?.isDirectory() &&
      firstAblation(inside, depth - 1);
    if (found) return found;
  }
}
