/** Opens the folds of a protocol: their rows, and the folder where their ablations lie. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type AblateConfig, cellsOf, dataReading, type TrainConfig } from "../../config/mod.ts";
import { type Fold, hasFolds, loadFolds } from "../../data/mod.ts";
import { isStored } from "../../encoders/mod.ts";
import { badInput } from "../../errors.ts";
import { MODALITIES } from "../../model/mod.ts";
import { runFolder } from "../run_folder.ts";

/** Returns whether a configuration means all folds of a protocol, and not a single division. */
export const runsFolds = ({ protocol, fold }: Pick<TrainConfig, "protocol" | "fold">): boolean =>
  hasFolds(protocol) && fold === undefined;

/** The folds of a protocol, before any work. */
export interface OpenFolds {
  folder: string;
  folds: Fold[];
}

/**
 * Loads the rows of all folds. The user's modules must be loaded. Throws UndertoneError, also if the folder
 * holds a run or an ablation.
 */
export async function openFolds(config: AblateConfig): Promise<OpenFolds> {
  const named = cellsOf(config, [], "").map((cell) => cell.config); // a wrong name throws before any work
  const wanted = MODALITIES.filter((m) => [config, ...named].some((names) => names[m] !== "none"));
  const folds = await loadFolds(config.data, {
    ...dataReading(config),
    modalities: wanted,
    stored: wanted.filter((m) => named.every((names) => names[m] === "none" || isStored(m, names[m]))),
    protocol: config.protocol,
  });
  const fallback = `${folds[0].dataset.name}-${config.protocol}`.replaceAll(/[^\w.-]+/g, "_");
  const folder = join(config.out, config.name ?? fallback);
  requireOwnFolder(folder);
  return { folder, folds };
}

/** Returns the configuration of one fold's ablation. */
export const foldConfig = (config: AblateConfig, folder: string, fold: number): AblateConfig => ({
  ...config,
  out: folder,
  name: `fold-${fold}`,
  fold,
});

/** Throws UndertoneError if a folder holds a run or an ablation. */
function requireOwnFolder(folder: string): void {
  const isRun = existsSync(runFolder(folder).config), isAblation = existsSync(join(folder, "ablation.json"));
  if (!isRun && !isAblation) return;
  throw badInput({
    expected: "a folder for the folds of a protocol",
    found: `the folder of ${isRun ? "a run" : "an ablation"}`,
    at: folder,
    todo: "Choose another --name.",
  });
}
