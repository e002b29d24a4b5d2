/** The order of a search: which trial trains next, from what the trials before have scored. */
import { nextJob, rungsOf } from "./asha.ts";
import type { OpenSearch } from "./open.ts";
import type { Trial } from "./results.ts";
import { randomValues, type Values } from "./space.ts";
import { STARTUP, tpeValues } from "./tpe.ts";

/** What trains next: a trial, up to the end of some epoch. */
export interface TrialJob {
  /** Number of the trial, from 0. */
  number: number;
  values: Values;
  /** Epochs after which it stops; all of them without `asha`. */
  epochs: number;
}

/** What became of a training. */
export interface Tried {
  /** The best value of the metric on dev; null if it failed. */
  score: number | null;
  /** Why it failed. */
  failed?: string;
  /** Whether it was trained before this search was continued. */
  before: boolean;
}

/** Says that another process trains the job now. */
export const TAKEN = "taken";

/** Returns the epochs of each rung; undefined for a search without rungs. */
export const rungsFor = ({ strategy, first_rung, eta, epochs }: OpenSearch["config"]): number[] | undefined =>
  strategy === "asha" ? rungsOf(first_rung, eta, epochs) : undefined;

/**
 * Yields the jobs of a search, each after it was told what became of the one before, and adds to `trials`. A
 * trial that is taken has no score: it counts in no rung of `asha`, and `tpe` ends before a trial that needs
 * it.
 */
export function* schedule(
  { config, space, higherIsBetter }: Pick<OpenSearch, "config" | "space" | "higherIsBetter">,
  trials: Trial[],
): Generator<TrialJob, void, Tried | typeof TAKEN> {
  const taken = new Set<number>(), rungs = rungsFor(config);
  const { strategy, seed, at_once: atOnce } = config;
  const scores = () =>
    trials.map(({ number, score, rungs = [score] }) =>
      taken.has(number) ? [...rungs.slice(0, -1), undefined] : rungs
    );
  const next = () =>
    nextJob(scores(), {
      ...{ rungs: rungs?.length ?? 1, eta: config.eta, trials: config.trials, higherIsBetter },
    });
  for (let job = next(); job; job = next()) {
    const { trial: number, rung } = job, before: Trial | undefined = trials[number];
    const known = trials.slice(0, number - number % atOnce);
    if (strategy === "tpe" && known.length >= STARTUP && known.some((one) => taken.has(one.number))) break;
    const values = before?.values ??
      (strategy === "tpe"
        ? tpeValues(space, known, { seed, i: number, higherIsBetter })
        : randomValues(space, seed, number));
    const epochs = rungs?.[rung] ?? Number(values.epochs ?? config.epochs);
    const tried = yield { number, values, epochs };
    if (tried === TAKEN) taken.add(number);
    const { score, failed }: Pick<Tried, "score" | "failed"> = tried === TAKEN ? { score: null } : tried;
    trials[number] = {
      ...{ number, values, epochs, score },
      ...failed !== undefined && { failed },
      ...rungs && { rungs: [...before?.rungs ?? [], score] },
    };
  }
}
