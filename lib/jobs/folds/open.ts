/** Opens the folds of a protocol: their rows, and the folder where their ablations lie. */
import { join } from "node:path";
import { type AblateConfig, cellsOf, dataReading, type TrainConfig } from "../../config/mod.ts";
import { type Fold, hasFolds, loadFolds } from "../../data/mod.ts";
import { isStored } from "../../encoders/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import { requireKind } from "../runs/kinds.ts";

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
 * holds something else.
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
  requireKind(folder, "folds");
  return { folder, folds };
}

/** Returns the configuration of one fold's ablation. */
export const foldConfig = (config: AblateConfig, folder: string, fold: number): AblateConfig => ({
  ...config,
  out: folder,
  name: `fold-${fold}`,
  fold,
});
