/** A worker of a search: one of several processes that train its trials, each a trial that is free. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SearchConfig } from "../../config/mod.ts";
import { claim } from "../../encoders/mod.ts";
import { UndertoneError } from "../../errors.ts";
import { requireWritable, signOfLife } from "../../files/mod.ts";
import { holderOf } from "../lock.ts";
import { type OpenSearch, openSearch, type SearchOptions } from "./open.ts";
import type { Trial } from "./results.ts";
import { schedule, TAKEN, type TrialJob, type Tried } from "./schedule.ts";
import type { SearchEvent } from "./search.ts";
import { trialId, tryTrial } from "./try_trial.ts";

/** Time between two renewals of a claim, and between two looks at trials of other workers, in ms. */
const BEAT = 20_000, LOOK = 2_000;

/**
 * Trains trials of a search that no other process trains, until all are trained. Any number of workers may
 * share a search. The trial of one that dies is taken on from its last checkpoint. Workers read train and
 * dev, and write in the folders of trials alone; `search` then finds the trials trained, trains the winner
 * and writes the results: the same ones as without workers. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configureSearch, searchWorker } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configureSearch({
 *   search: { lr: { log: [1e-4, 3e-3] } },
 *   ...{ method: "text_only", audio: "none", epochs: 1, trials: 2, out },
 * });
 * for await (const event of searchWorker(config)) {
 *   if (event.type === "tried") console.log(event.trial.number, event.trial.score);
 * }
 * ```
 */
export async function* searchWorker(
  given: SearchConfig,
  options: SearchOptions = {},
): AsyncGenerator<SearchEvent, void> {
  const open = await openSearch(given, options), { config, shared } = open, { signal } = options;
  await requireWritable(shared.folder);
  yield {
    ...{ type: "planned", folder: shared.folder, dataset: shared.dataset, notes: open.notes },
    ...{ rejected: open.rejected, trials: config.trials },
  };
  const sign = signOfLife();
  using _ = { [Symbol.dispose]: () => sign?.end() };
  const known = new Map<string, Tried>();
  for (let waits = true; waits;) {
    const trials: Trial[] = [], jobs = schedule(open, trials);
    let trained = false;
    waits = false;
    for (let step = jobs.next(); !step.done && !(waits && trained);) {
      const { number, epochs } = step.value, key = `${number} to ${epochs}`, before = known.get(key);
      const tried = before ?? (yield* tryFree(step.value, open, sign?.path));
      if (signal?.aborted) return;
      step = jobs.next(tried);
      if (tried === TAKEN) waits = true;
      else if (!before) {
        known.set(key, tried);
        trained = !tried.before; // meanwhile other workers may have ended, which changes what is next
        yield { type: "tried", trial: trials[number], metric: config.select, before: tried.before };
      }
    }
    if (waits && !trained) await delay(LOOK, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return;
  }
}

/** Trains a job unless another process does: one with a claim on the trial, or one that holds its run. */
async function* tryFree(
  job: TrialJob,
  open: OpenSearch,
  sign: string | undefined,
): AsyncGenerator<SearchEvent, Tried | typeof TAKEN> {
  const { folder } = open.shared, { number } = job, run = join(folder, trialId(number));
  const held = await claim(folder, trialId(number), { sign });
  if (!held) return TAKEN;
  const beat = setInterval(() => void held.renew(), BEAT);
  try {
    if (await holderOf(run)) return TAKEN;
    const training = tryTrial(job, open);
    let made = await training.next();
    for (; !made.done; made = await training.next()) yield { type: "trial", number, event: made.value };
    return made.value;
  } catch (error) {
    // Two workers that both find a dead one's claim may both take it over; the run's lock lets one train.
    if (error instanceof UndertoneError && await holderOf(run)) return TAKEN;
    throw error;
  } finally {
    clearInterval(beat);
    await held.release();
  }
}
