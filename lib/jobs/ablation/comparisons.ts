/** Compares pairs of systems: a paired bootstrap of the main metric, with p-values adjusted by Holm. */
import type { Dataset, Split } from "../../data/mod.ts";
import {
  confusionMatrix,
  holm,
  type Interval,
  type Metric,
  type Outcomes,
  outcomesOfRows,
  pairedBootstrapOf,
  resampleClusters,
  valueOf,
  weightedF1,
} from "../../eval/mod.ts";
import { clipsOf, RESAMPLES } from "../scored.ts";
import type { Answers, System } from "./answers.ts";

/** The difference of the main metric between two recipes or controls. */
export interface RecipeComparison {
  /** Name of the first recipe or control. */
  recipe: string;
  /** Name of the second one. */
  against: string;
  /** The split that was measured. */
  split: Split;
  /** The metric that was measured: weighted F1, or the main metric of another kind of target. */
  metric: string;
  /** The first one's score minus the second one's, as a fraction. */
  delta: number;
  /** The 2.5 and 97.5 percentiles of the bootstrap. */
  interval_95: Interval;
  /** Two-sided p-value of the bootstrap. */
  p: number;
  /** The p-value adjusted by Holm's method over all comparisons of the ablation. */
  p_holm: number;
  /** Number of resampled units: distinct clips, or rows if no clip is shared. */
  clusters: number;
  /** The resampled unit. */
  by: "clip" | "row";
  /** Whether the two differ, in either direction, by more than chance: `p_holm` is below 0.05. */
  beyond_chance: boolean;
}

/** A pair of names to compare. */
export type Pair = readonly [recipe: string, against: string];

/** Returns each pair once, whatever its direction. */
export const distinctPairs = (pairs: readonly Pair[]): Pair[] =>
  pairs.filter((pair, i) => !pairs.slice(0, i).some((before) => pair.every((name) => before.includes(name))));

/**
 * Compares pairs of systems on a split. It pools the answers of all seeds and resamples whole clips with all
 * their rows and seeds. It therefore estimates the gain of a single run of any seed, not of an ensemble.
 * Every system is scored on the same resamples. Pairs whose metric is undefined for a resample are
 * `undefinedFor`.
 */
export function comparePairs(
  systems: readonly System[],
  pairs: readonly Pair[],
  { split, dataset, metric }: { split: Split; dataset: Dataset; metric: Metric },
): { comparisons: RecipeComparison[]; undefinedFor: Pair[] } {
  if (pairs.length === 0) return { comparisons: [], undefinedFor: [] };
  const answers = systems[0].answers[split]!, rows = answers[0].ids.length;
  const clips = answers.flatMap(({ ids }) => clipsOf(ids, dataset)), clusters = new Set(clips).size;
  const scored = new Map(
    systems.filter(({ name }) => pairs.some((pair) => pair.includes(name))).map(({ name, answers }) => {
      const score = scorer(pooled(answers[split]!), metric);
      return [name, { score, whole: score(), drawn: [] as (number | null)[] }];
    }),
  );
  for (const resample of resampleClusters(clips, RESAMPLES, 1)) {
    for (const { score, drawn } of scored.values()) drawn.push(score(resample));
  }
  const isDefined = (name: string) => [scored.get(name)!.whole, ...scored.get(name)!.drawn].every(isNumber);
  const defined = pairs.filter((pair) => pair.every(isDefined));
  const resamples = Array.from({ length: RESAMPLES }, (_, i) => [i]);
  const measured = defined.map(([recipe, against]) => {
    const [a, b] = [recipe, against].map((name) => {
      const { whole, drawn } = scored.get(name)!;
      return (resample?: ArrayLike<number>) => (resample ? drawn[resample[0]] : whole)!;
    });
    return pairedBootstrapOf(a, b, resamples);
  });
  const adjusted = holm(measured.map(({ p }) => p));
  return {
    comparisons: measured.map(({ delta, interval_95, p }, i) => ({
      recipe: defined[i][0],
      against: defined[i][1],
      split,
      metric: metric.id,
      delta,
      interval_95,
      p,
      p_holm: adjusted[i],
      clusters,
      by: clusters < rows ? "clip" : "row",
      beyond_chance: adjusted[i] < 0.05,
    })),
    undefinedFor: pairs.filter((pair) => !defined.includes(pair)),
  };
}

const isNumber = (value: number | null): value is number => value !== null;

/** Returns the metric as a function of rows. The counts of classes make weighted F1 quick to resample. */
function scorer(outcomes: Outcomes, metric: Metric): (rows?: ArrayLike<number>) => number | null {
  if (outcomes.kind !== "class") {
    return (rows) => valueOf(metric, rows ? outcomesOfRows(outcomes, rows) : outcomes);
  }
  const { truth, predicted, labels } = outcomes;
  return (rows) => weightedF1(confusionMatrix(truth, predicted, labels.length, rows));
}

/** Returns the outcomes of all seeds, one after another. */
function pooled(answers: readonly Answers[]): Outcomes {
  const all = answers.map(({ outcomes }) => outcomes);
  const of = <T>(part: (outcomes: Outcomes) => ArrayLike<T>): T[] =>
    all.flatMap((each) => Array.from(part(each)));
  return {
    ...all[0],
    truth: of<never>(({ truth }) => truth as never),
    predicted: of<never>(({ predicted }) => predicted as never),
  } as Outcomes;
}
