/** The plan of an ablation: its rows as they are loaded, and its cells. Nothing is encoded or written. */
import { join } from "node:path";
import { type Dataset, loadDataset } from "../../data/mod.ts";
import { isStored, type Modality } from "../../encoders/mod.ts";
import { KINDS } from "../../eval/mod.ts";
import { fusionMethods } from "../../fusion/mod.ts";
import {
  type AblateConfig,
  type AblationCell,
  cellsOf,
  dataReading,
  isControl,
  planFor,
  requireFitting,
  withoutAuto,
} from "../../config/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import type { Pair } from "./comparisons.ts";
import { pairsOf, requirePossible } from "./requirements.ts";

/** An ablation before any work. */
export interface AblationPlan {
  /** The configuration, with the choices that the data decide. */
  config: AblateConfig;
  /** Folder of the ablation. */
  folder: string;
  /** The rows as they were loaded. */
  dataset: Dataset;
  /** The modalities that cells read. */
  modalities: readonly Modality[];
  /** The trainings, in their order. */
  cells: AblationCell[];
  /** Pairs to compare, beside the best recipe with each other one. */
  pairs: readonly Pair[];
}

/**
 * Plans an ablation: loads the rows, unless they are `given`, and resolves each cell. The user's modules must
 * be loaded. Throws UndertoneError.
 */
export async function planAblation(
  config: AblateConfig,
  controls: boolean,
  given?: Dataset,
): Promise<AblationPlan> {
  const planned = cellsOf(config, [], ""); // a wrong name throws before any work
  const wanted = MODALITIES.filter((m) =>
    config[m] !== "none" || planned.some((cell) => cell.config[m] !== "none")
  );
  const stored = wanted.filter((m) =>
    planned.every(({ config }) => config[m] === "none" || isStored(m, config[m]))
  );
  const dataset = given ?? await loadDataset(config.data, {
    ...dataReading(config),
    modalities: wanted,
    stored,
    protocol: config.protocol,
    fold: config.fold,
  });
  config = withoutAuto(config, dataset.target);
  const modalities = wanted.filter((modality) =>
    stored.includes(modality) || dataset.rows.some((row) => row[modality])
  );
  const folder = join(config.out, config.name ?? `${dataset.name}-ablation`);
  const cells: AblationCell[] = cellsOf(config, controls ? controlsOf(modalities) : [], folder)
    .map((cell) => {
      const plan = planFor(cell.plan, dataset.target);
      requireFitting(plan.config, dataset);
      return { ...cell, config: plan.config, plan };
    });
  requirePossible(config, cells, modalities, dataset);
  const pairs = pairsOf(config, cells, KINDS[dataset.target].control.name);
  return { config, folder, dataset, modalities, cells, pairs };
}

/** Returns the controls for the modalities that the data has. */
const controlsOf = (there: readonly Modality[]): string[] =>
  fusionMethods.filter((method) => isControl(method) && there.includes(method.modalities[0]))
    .map(({ id }) => id);
