/** Opens a search: reads its space and its data, and refuses what can't be searched. */
import { join } from "node:path";
import { useEngine } from "../../compute/mod.ts";
import {
  type AblateConfig,
  higherIsBetter as isHigherBetter,
  type SearchConfig,
  type TrainConfig,
} from "../../config/mod.ts";
import { hasFolds } from "../../data/mod.ts";
import type { EncodeProgress } from "../../encoders/mod.ts";
import { badInput } from "../../errors.ts";
import { groupsOf, openGroups } from "../ablation/groups.ts";
import { type AblationPlan, planAblation } from "../ablation/plan.ts";
import { precisionNotes } from "../precision.ts";
import { requireKind } from "../runs/kinds.ts";
import { useModules, type UserModule } from "../user_modules.ts";
import { firstValues, readSpace, type Space, trialConfig, withoutSearch } from "./space.ts";
import { dataOfMethods, type Shared } from "./trial.ts";

/** Options of a search. */
export interface SearchOptions {
  /** Train trials again that were trained with another configuration or data. */
  overwrite?: boolean;
  /** Stops the search after the current step; the same call continues it. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
}

/** A search that is ready to train. */
export interface OpenSearch {
  config: SearchConfig;
  space: Space;
  shared: Shared;
  notes: readonly string[];
  rejected: number;
  higherIsBetter: boolean;
}

/** A search before any work. */
export interface SearchPlan {
  /** The configuration, with the choices that the data decide. */
  config: SearchConfig;
  space: Space;
  /** Folder of the search. */
  folder: string;
  /** An ablation whose recipes read what the trials read: one for each method. */
  ablation: AblationPlan;
  modules: readonly UserModule[];
}

/** Plans a search: reads its space and its rows, and encodes nothing. Throws UndertoneError. */
export async function planSearch(given: SearchConfig): Promise<SearchPlan> {
  if (hasFolds(given.protocol) && given.fold === undefined) throw foldsAlone(given.protocol);
  const modules = await useModules(given.use), space = readSpace(given);
  const ablation = await planAblation(asAblation(given, space), false);
  const folder = join(given.out, given.name ?? `${ablation.dataset.name}-search`);
  requireKind(folder, "search");
  const { select, loss } = ablation.config;
  return { config: { ...given, select, loss }, space, folder, ablation, modules };
}

/** Reads the data of a search. Throws UndertoneError. */
export async function openSearch(
  given: SearchConfig,
  { overwrite = false, signal, onProgress }: SearchOptions,
): Promise<OpenSearch> {
  const { config, space, folder, ablation, modules } = await planSearch(given);
  await useEngine(given);
  const precision = await precisionNotes(...precisionsOf(config, space));
  const { cells } = ablation, groups = groupsOf(cells);
  if (groups.length > 1) throw severalReadings();
  const open = await openGroups(groups, ablation.dataset, { test: false, signal, onProgress });
  const shared: Shared = {
    ...{ folder, dataset: open.dataset, modules, overwrite, signal },
    dataOf: await dataOfMethods(ablation.config, cells, open, signal),
    prepare: () => open.prepared(groups[0], ["train", "dev"]),
  };
  return {
    ...{ config, space, shared },
    notes: [...new Set([...space.notes, ...precision, ...open.notes])],
    rejected: open.rejected.length,
    higherIsBetter: isHigherBetter(config.select),
  };
}

/** Returns the precisions that trials may have. */
function precisionsOf(config: SearchConfig, { parameters }: Space): Pick<TrainConfig, "precision">[] {
  const searched = parameters.find(({ key }) => key === "precision")?.domain;
  const values = searched?.kind === "choice" ? searched.values : [config.precision];
  return values.map((value) => ({ precision: value as TrainConfig["precision"] }));
}

/** Returns the ablation whose recipes read what the trials read: one for each method. */
function asAblation(config: SearchConfig, space: Space): AblateConfig {
  const rest = withoutSearch(config);
  const { method: _m, options: _o, seed, ...common } = rest;
  const methods = Object.fromEntries(space.methods.map((method) => {
    const { options, normalize, lora, augment } = trialConfig(config, firstValues(space, method));
    return [method, { method, options, normalize, lora, augment }];
  }));
  return { ...common, methods, seeds: [seed], compare: [], test: false };
}

const foldsAlone = (protocol: string) =>
  badInput({
    expected: "one division of the data",
    found: `the folds of ${protocol}`,
    at: "--protocol",
    todo: "Search in one fold: --fold 1.",
  });

const severalReadings = () =>
  badInput({
    expected: "trials that read the same prepared data",
    found: "methods or options that read it differently",
    at: "search",
    todo: "Search each of them by itself, or compare them with deno task ablate.",
  });
