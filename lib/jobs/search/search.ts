/** Searches options by their scores on dev: trains trials, then the winner again with fresh seeds. */
import { join } from "node:path";
import type { SearchConfig } from "../../config/mod.ts";
import type { Dataset } from "../../data/mod.ts";
import { requireWritable, writeJsonAtomic } from "../../files/mod.ts";
import { environment } from "../environment.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import type { RunEvent } from "../run_event.ts";
import { ABOUTS } from "../runs/kinds.ts";
import { type OpenSearch, openSearch, type SearchOptions } from "./open.ts";
import {
  bestTrial,
  importanceOf,
  type Retrained,
  type SearchResults,
  type Trial,
  winnerOf,
} from "./results.ts";
import { rungsFor, schedule } from "./schedule.ts";
import { tryTrial, tryWinner } from "./try_trial.ts";
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
  | { type: "retrained"; seed: number; score: number | null; metric: string; failed?: string }
  | { type: "result"; folder: string; results: SearchResults; seconds: number };

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
  await writeJsonAtomic(join(folder, ABOUTS.search), { config: given, environment: environment() });
  yield {
    ...{ type: "planned", folder, dataset, notes: open.notes, rejected: open.rejected },
    trials: config.trials,
  };

  const trials = yield* tryAll(open);
  if (signal?.aborted) return;
  await lock.requireHeld();
  const best = bestTrial(trials, higherIsBetter), fresh = best ? yield* retrain(best, open) : [];
  if (signal?.aborted) return;
  const rungs = rungsFor(config);
  const results: SearchResults = {
    data: dataset.name,
    strategy: config.strategy,
    seed: config.seed,
    metric: config.select,
    rows: dataset.rows.filter(({ split, label, target }) => split === "dev" && (label || target)).length,
    ...rungs && { rungs },
    trials,
    importance: importanceOf(space, trials),
    ...best && { winner: winnerOf(best, fresh) },
  };
  await writeSearch(folder, results, { config, space });
  yield { type: "result", folder, results, seconds: (performance.now() - began) / 1000 };
}

/** Trains the trials in the order of the schedule, and returns them. */
async function* tryAll(open: OpenSearch): AsyncGenerator<SearchEvent, Trial[]> {
  const { shared: { signal }, config: { select: metric } } = open;
  const trials: Trial[] = [], jobs = schedule(open, trials);
  for (let step = jobs.next(); !step.done;) {
    const { number } = step.value, training = tryTrial(step.value, open);
    let made = await training.next();
    for (; !made.done; made = await training.next()) yield { type: "trial", number, event: made.value };
    if (signal?.aborted) break;
    step = jobs.next(made.value);
    yield { type: "tried", trial: trials[number], metric, before: made.value.before };
  }
  return trials;
}

/** Trains the winner with fresh seeds. */
async function* retrain(
  { values }: Trial,
  open: OpenSearch,
): AsyncGenerator<SearchEvent, Retrained[]> {
  const { config: { seed: own, retrain, select: metric }, shared: { signal } } = open;
  const all: Retrained[] = [];
  for (let seed = own + 1; seed <= own + retrain; seed++) {
    const training = tryWinner(values, seed, open);
    let made = await training.next();
    for (; !made.done; made = await training.next()) yield { type: "retraining", seed, event: made.value };
    if (signal?.aborted) return [];
    const { score, failed } = made.value;
    yield { type: "retrained", seed, score, metric, ...failed !== undefined && { failed } };
    all.push({ seed, score, failed });
  }
  return all;
}
