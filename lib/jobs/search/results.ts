/** The results of a search: its trials, how much each option mattered, and the winner with fresh seeds. */
import { spearman, type Spread, spread } from "../../eval/mod.ts";
import type { Space } from "./space.ts";

/** One trial of a search. */
export interface Trial {
  /** Its number, from 0. */
  number: number;
  /** The values of the options that were searched. An option that its method does not have is absent. */
  values: Record<string, unknown>;
  /** Epochs that it was trained for, at most. */
  epochs: number;
  /** Best value of the metric on dev in these epochs; null if it has none. */
  score: number | null;
  /** Its score after each rung of `asha`, from the first. */
  rungs?: (number | null)[];
  /** Why it could not be trained. */
  failed?: string;
}

/** How much an option mattered. */
export interface Importance {
  /** Name of the option. */
  key: string;
  /** Spearman's rank correlation for numbers, eta squared for choices. */
  measure: "rank correlation" | "eta squared";
  /** Null if the trials do not define it. */
  value: number | null;
  /** Number of trials that it comes from. */
  trials: number;
}

/** The winner of a search. */
export interface Winner extends Pick<Trial, "number" | "values"> {
  /** The score by which it was chosen: the best of many, and so biased upwards. */
  searched: number;
  /** The scores of the same options with fresh seeds, on the same dev rows. */
  retrained: (Spread & { seeds: number[]; values: number[] }) | null;
  /** Fresh seeds without a score, and why: they are not in the mean, which is then biased upwards. */
  failed?: { seed: number; reason: string }[];
}

/** The winner's options, trained with a fresh seed. */
export interface Retrained {
  seed: number;
  /** Null if it has none. */
  score: number | null;
  /** Why it could not be trained. */
  failed?: string;
}

/** The results of a search. */
export interface SearchResults {
  /** Name of the data set. */
  data: string;
  /** How trials were chosen. */
  strategy: "random" | "tpe" | "asha";
  /** Seed of the draws, and of every trial. */
  seed: number;
  /** Id of the dev metric by which trials are compared. */
  metric: string;
  /** Number of dev rows. */
  rows: number;
  /** Epochs of each rung of `asha`. */
  rungs?: number[];
  /** The trials in their order. */
  trials: Trial[];
  /** How much each option mattered. */
  importance: Importance[];
  /** Absent if no trial has a score. */
  winner?: Winner;
}

/** Returns the best trial among those that trained longest; of equal ones, the first. */
export function bestTrial(trials: readonly Trial[], higherIsBetter: boolean): Trial | undefined {
  const scored = trials.filter(({ score }) => score !== null);
  const most = Math.max(...scored.map(({ epochs }) => epochs)), sign = higherIsBetter ? 1 : -1;
  return scored.filter(({ epochs }) => epochs === most).reduce<Trial | undefined>(
    (a, b) => a && sign * a.score! >= sign * b.score! ? a : b,
    undefined,
  );
}

/**
 * Returns how much each option mattered. All trials count with equally long training: with the score after
 * the first rung, if there are rungs. Failed trials do not count.
 */
export function importanceOf({ parameters }: Space, trials: readonly Trial[]): Importance[] {
  const scored = trials.flatMap(({ values, score, rungs }) => {
    const value = rungs ? rungs[0] : score;
    return value === null ? [] : [{ values, score: value }];
  });
  return parameters.map(({ key, domain }): Importance => {
    const own = scored.filter(({ values }) => key in values), scores = own.map(({ score }) => score);
    const values = own.map((trial) => trial.values[key]);
    const about = { key, trials: own.length };
    return domain.kind === "number"
      ? { ...about, measure: "rank correlation", value: spearman(values as number[], scores) }
      : { ...about, measure: "eta squared", value: etaSquared(values.map((v) => JSON.stringify(v)), scores) };
  });
}

/**
 * Returns eta squared: the share of the scores' variance that lies between groups. Null if there is no
 * variance, or if no group has two scores, which would always give 1.
 */
export function etaSquared(groups: readonly string[], scores: readonly number[]): number | null {
  const mean = (some: readonly number[]) => some.reduce((sum, score) => sum + score, 0) / some.length;
  const middle = mean(scores), total = scores.reduce((sum, score) => sum + (score - middle) ** 2, 0);
  const members = [...Map.groupBy(scores.keys(), (i) => groups[i]).values()];
  if (!(total > 0) || members.length === scores.length) return null;
  const between = members.reduce((sum, some) => {
    const own = some.map((i) => scores[i]);
    return sum + own.length * (mean(own) - middle) ** 2;
  }, 0);
  return between / total;
}

/** Returns the winner with what its fresh seeds have scored, and which of them failed. */
export function winnerOf({ number, values, score }: Trial, all: readonly Retrained[]): Winner {
  const scored = all.flatMap(({ seed, score }) => score === null ? [] : [{ seed, score }]);
  const failed = all.flatMap(({ seed, score, failed = UNDEFINED }) =>
    score === null ? [{ seed, reason: failed }] : []
  );
  const scores = scored.map(({ score }) => score);
  return {
    ...{ number, values, searched: score! },
    retrained: scores.length > 0
      ? { ...spread(scores), seeds: scored.map(({ seed }) => seed), values: scores }
      : null,
    ...failed.length > 0 && { failed },
  };
}

/** Why a training that ended has no score. */
export const UNDEFINED = "Its metric is undefined on dev in all epochs.";
