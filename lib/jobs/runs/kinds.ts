/** What kind of result a folder holds, from the files in it. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ABOUT } from "../cross/cross_corpora.ts";
import { PROTOCOL } from "../folds/cross_validate.ts";
import { CHECKPOINTS } from "../run_folder.ts";
import { ABOUT_SEARCH } from "../search/search.ts";

/** A run, an ablation, the folds of a protocol, a matrix of corpora, or a search. */
export type RunKind = "run" | "ablation" | "folds" | "cross" | "search";

/** The file of each kind that holds its configuration. */
export const ABOUTS: Readonly<Record<RunKind, string>> = {
  cross: ABOUT,
  folds: PROTOCOL,
  ablation: "ablation.json",
  search: ABOUT_SEARCH,
  run: "config.json",
};

/**
 * Returns the kind of a folder, or undefined if it is none of ours. Other tools have folders with
 * `config.json` or `checkpoints`, too: a run has checkpoints of ours alone, and, once it trains, both.
 */
export function kindOf(path: string): RunKind | undefined {
  const kinds = ["cross", "folds", "ablation", "search"] as const;
  return kinds.find((kind) => existsSync(join(path, ABOUTS[kind]))) ?? (isRun(path) ? "run" : undefined);
}

function isRun(path: string): boolean {
  const checkpoints = join(path, CHECKPOINTS);
  if (!existsSync(checkpoints) || !statSync(checkpoints).isDirectory()) return false;
  const isOurs = readdirSync(checkpoints).every((name) =>
    /^(best|last)\.safetensors(\.\d+\.tmp)?$/.test(name)
  );
  if (!isOurs || existsSync(join(path, ABOUTS.run))) return isOurs;
  return readdirSync(path).every((name) => name === CHECKPOINTS || /^lock\.\d+$/.test(name));
}
