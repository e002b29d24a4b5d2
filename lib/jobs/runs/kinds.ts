/** What kind of result a folder holds, from the files in it. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../../errors.ts";
import { CHECKPOINTS } from "../run_folder.ts";

/** A run, an ablation, the folds of a protocol, a matrix of corpora, or a search. */
export type RunKind = "run" | "ablation" | "folds" | "cross" | "search";

/** The file of each kind that holds its configuration. */
export const ABOUTS: Readonly<Record<RunKind, string>> = {
  cross: "cross.json",
  folds: "protocol.json",
  ablation: "ablation.json",
  search: "search.json",
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

/** How an error names what a folder holds. */
const WORDS: Readonly<Record<RunKind, string>> = {
  cross: "a matrix of corpora",
  folds: "the folds of a protocol",
  ablation: "an ablation",
  search: "a search",
  run: "a run",
};

/** Throws UndertoneError if a folder holds another kind of result. */
export function requireKind(folder: string, wanted: RunKind): void {
  const kind = kindOf(folder);
  if (kind === undefined || kind === wanted) return;
  throw badInput({
    expected: `a folder for ${WORDS[wanted]}`,
    found: `the folder of ${WORDS[kind]}`,
    at: folder,
    todo: "Choose another --name.",
  });
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
