/** Searches options by their scores on dev: trains trials, then the winner again with fresh seeds. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { useEngine } from "../../compute/mod.ts";
import {
  type AblateConfig,
  type AblationCell,
  higherIsBetter as isHigherBetter,
  type SearchConfig,
} from "../../config/mod.ts";
import { type Dataset, hasFolds } from "../../data/mod.ts";
import type { EncodeProgress } from "../../encoders/mod.ts";
import { badInput } from "../../errors.ts";
import { requireWritable, writeJsonAtomic } from "../../files/mod.ts";
import { groupsOf, openGroups } from "../ablation/groups.ts";
import { planAblation } from "../ablation/plan.ts";
import { environment } from "../environment.ts";
import { inPlace } from "../in_place.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import { runFolder } from "../run_folder.ts";
import type { RunEvent } from "../run_event.ts";
import { useModules } from "../user_modules.ts";
import { nextJob, rungsOf } from "./asha.ts";
import { bestTrial, importanceOf, retrainedOf, type SearchResults, type Trial } from "./results.ts";
import { firstValues, randomValues, readSpace, type Space, trialConfig, type Values } from "./space.ts";
import { tpeValues } from "./tpe.ts";
import {
  dataOfMethods,
  failureOf,
  keepFailure,
  reachedBy,
  scoreOf,
  type Shared,
  trainTo,
  trialCell,
} from "./trial.ts";
import { writeSearch } from "./write.ts";

/**
 * An event of a search: the plan, training events, finished trials, fresh seeds of the winner, the
 * results.
 */
export type SearchEvent =
  | {
    type: "planned";
    folder: string;
    dataset: Dataset;
    /** How options are read, and what else the user should know. */
    notes: readonly string[];
    rejected: number;
    trials: number;
  }
  | { type: "trial"; number: number; event: RunEvent }
  | { type: "tried"; trial: Trial; metric: string; before: boolean }
  | { type: "retraining"; seed: number; event: RunEvent }
  | { type: "retrained"; seed: number; score: number | null }
  | { type: "result"; folder: string; results: SearchResults; seconds: number };

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

/** File of a search's folder that holds its configuration. */
export const ABOUT_SEARCH = "search.json";

/**
 * Trains the trials of a search that are not trained yet, and the winner with fresh seeds. Reads train and
 * dev, and never test. The same call continues an interrupted search to the same results. Throws
 * UndertoneError.
 *
 * @example
 * ```ts
 * import { configureSearch, search } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configureSearch({
 *   search: { lr: { log: [1e-4, 3e-3] } },
 *   ...{ method: "text_only", audio: "none", epochs: 1, trials: 2, retrain: 1, out },
 * });
 * for await (const event of search(config)) {
 *   if (event.type === "result") console.log(event.results.winner);
 * }
 * ```
 */
export async function* search(
  given: SearchConfig,
  options: SearchOptions = {},
): AsyncGenerator<SearchEvent, void> {
  const began = performance.now(), { signal } = options;
  const open = await openSearch(given, options);
  const { config, space, shared, higherIsBetter } = open, { folder, dataset } = shared;
  await requireUnlocked(folder);
  await requireWritable(folder);
  await using lock = await lockFolder(folder);
  await writeJsonAtomic(join(folder, ABOUT_SEARCH), { config: given, environment: environment() });
  const { trials: total } = config;
  yield { type: "planned", folder, dataset, notes: open.notes, rejected: open.rejected, trials: total };

  const trials: Trial[] = [];
  const rungs = config.strategy === "asha"
    ? rungsOf(config.first_rung, config.eta, config.epochs)
    : undefined;
  const next = () =>
    nextJob(trials.map((trial) => trial.rungs ?? [trial.score]), {
      ...{ rungs: rungs?.length ?? 1, eta: config.eta, trials: total, higherIsBetter },
    });
  for (let job = next(); job; job = next()) {
    const { trial: number, rung } = job, before: Trial | undefined = trials[number];
    const values = before?.values ?? valuesOf(open, trials, number);
    const cell = trialCell(config, values, { id: trialId(number), ...shared });
    const epochs = rungs?.[rung] ?? cell.config.epochs;
    const tried = yield* tryTrial(cell, number, epochs, open);
    if (signal?.aborted) return;
    const trial: Trial = {
      ...{ number, values, epochs, score: tried.score },
      ...tried.failed !== undefined && { failed: tried.failed },
      ...rungs && { rungs: [...before?.rungs ?? [], tried.score] },
    };
    trials[number] = trial;
    yield { type: "tried", trial, metric: cell.config.select, before: tried.before };
  }

  await lock.requireHeld();
  const best = bestTrial(trials, higherIsBetter), seeds: number[] = [], scores: number[] = [];
  for (let i = 1; best && i <= config.retrain; i++) {
    const seed = config.seed + i;
    const cell = trialCell(config, best.values, { id: `winner-s${seed}`, ...shared, seed });
    for await (const event of inPlace(cell.id, trainTo(cell, cell.config.epochs, shared))) {
      yield { type: "retraining", seed, event };
    }
    if (signal?.aborted) return;
    const score = await scoreOf(cell, cell.config.epochs, higherIsBetter);
    yield { type: "retrained", seed, score };
    if (score === null) continue;
    seeds.push(seed);
    scores.push(score);
  }
  const results: SearchResults = {
    data: dataset.name,
    strategy: config.strategy,
    seed: config.seed,
    metric: config.select,
    rows: dataset.rows.filter(({ split, label, target }) => split === "dev" && (label || target)).length,
    ...rungs && { rungs },
    trials,
    importance: importanceOf(space, trials),
    ...best && {
      winner: {
        number: best.number,
        values: best.values,
        searched: best.score!,
        retrained: retrainedOf(seeds, scores),
      },
    },
  };
  await writeSearch(folder, results, { config, space });
  yield { type: "result", folder, results, seconds: (performance.now() - began) / 1000 };
}

/** Returns the name of a trial's run. */
export const trialId = (number: number): string => `trial-${number}`;

/** Reads the data and the space of a search. Throws UndertoneError. */
export async function openSearch(
  given: SearchConfig,
  { overwrite = false, signal, onProgress }: SearchOptions,
): Promise<OpenSearch> {
  if (hasFolds(given.protocol) && given.fold === undefined) throw foldsAlone(given.protocol);
  const modules = await useModules(given.use);
  await useEngine(given);
  const space = readSpace(given);
  const plan = await planAblation(asAblation(given, space), false);
  const folder = join(given.out, given.name ?? `${plan.dataset.name}-search`);
  requireFree(folder);
  const config = { ...given, select: plan.config.select, loss: plan.config.loss };
  const { cells } = plan, groups = groupsOf(cells);
  if (groups.length > 1) throw severalReadings();
  const open = await openGroups(groups, plan.dataset, { test: false, signal, onProgress });
  const shared: Shared = {
    ...{ folder, dataset: open.dataset, modules, overwrite, signal },
    dataOf: await dataOfMethods(plan.config, cells, open, signal),
    prepare: () => open.prepared(groups[0], ["train", "dev"]),
  };
  return {
    ...{ config, space, shared },
    notes: [...space.notes, ...open.notes],
    rejected: open.rejected.length,
    higherIsBetter: isHigherBetter(config.select),
  };
}

/** Returns the ablation whose recipes read what the trials read: one for each method. */
function asAblation(config: SearchConfig, space: Space): AblateConfig {
  const { search: _s, strategy: _t, trials: _n, retrain: _r, eta: _e, first_rung: _f, ...rest } = config;
  const { method: _m, options: _o, seed, ...common } = rest;
  const methods = Object.fromEntries(space.methods.map((method) => {
    const { options, normalize, lora, augment } = trialConfig(config, firstValues(space, method));
    return [method, { method, options, normalize, lora, augment }];
  }));
  return { ...common, methods, seeds: [seed], compare: [], test: false };
}

function valuesOf(
  { config, space, higherIsBetter }: OpenSearch,
  trials: readonly Trial[],
  i: number,
): Values {
  return config.strategy === "tpe"
    ? tpeValues(space, trials, { seed: config.seed, i, higherIsBetter })
    : randomValues(space, config.seed, i);
}

interface Tried {
  score: number | null;
  failed?: string;
  /** Whether it was trained before this search was continued. */
  before: boolean;
}

/** Trains a trial to the end of `epochs`, and returns its score. */
async function* tryTrial(
  cell: AblationCell,
  number: number,
  epochs: number,
  { shared, higherIsBetter }: Pick<OpenSearch, "shared" | "higherIsBetter">,
): AsyncGenerator<SearchEvent, Tried> {
  const { state, epochs: reached } = await reachedBy(cell, shared);
  const before = state === "done" || (epochs < cell.config.epochs && reached >= epochs);
  const failed = before ? undefined : await failureOf(cell, shared);
  if (failed !== undefined) return { score: null, failed, before: true };
  try {
    for await (const event of inPlace(cell.id, trainTo(cell, epochs, shared))) {
      yield { type: "trial", number, event };
    }
  } catch (error) {
    return { score: null, failed: await keepFailure(cell, shared, error), before };
  }
  return { score: await scoreOf(cell, epochs, higherIsBetter), before };
}

function requireFree(folder: string): void {
  const other = [runFolder(folder).config, join(folder, "ablation.json")].find(existsSync);
  if (!other) return;
  throw badInput({
    expected: "a folder for a search",
    found: other.endsWith("ablation.json") ? "the folder of an ablation" : "the folder of a run",
    at: folder,
    todo: "Choose another --name.",
  });
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
