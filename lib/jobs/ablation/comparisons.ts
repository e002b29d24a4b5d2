/** Compares pairs of systems: a paired bootstrap of a metric, with p-values adjusted by Holm. */
import type { Dataset, Split } from "../../data/mod.ts";
import {
  classOutcomes,
  holm,
  type Interval,
  type Metric,
  type Outcomes,
  pairedBootstrapOf,
  resampleClusters,
  resampled,
  valueOf,
} from "../../eval/mod.ts";
import { RESAMPLES } from "../scored.ts";
import { type UnitKind, unitsIn } from "../units.ts";
import type { Answers, System } from "./answers.ts";

/** The difference of a metric between two recipes or controls. */
export interface RecipeComparison {
  /** Name of the first recipe or control. */
  recipe: string;
  /** Name of the second one. */
  against: string;
  /** The split that was measured. */
  split: Split;
  /** The metric: weighted F1, balanced accuracy, or the main metric of another kind of target. */
  metric: string;
  /** The first one's score minus the second one's, as a fraction. */
  delta: number;
  /** The 2.5 and 97.5 percentiles of the bootstrap. */
  interval_95: Interval;
  /** Two-sided p-value of the bootstrap. */
  p: number;
  /** The p-value adjusted by Holm's method over all comparisons by this metric. */
  p_holm: number;
  /** Number of resampled units: distinct clips, or rows if no clip is shared; in a fold speakers. */
  clusters: number;
  /** The resampled unit. */
  by: UnitKind;
  /** Whether the two differ, in either direction, by more than chance: `p_holm` is below 0.05. */
  beyond_chance: boolean;
}

/** A pair of names to compare. */
export type Pair = readonly [recipe: string, against: string];

/** Returns each pair once, whatever its direction. */
export const distinctPairs = (pairs: readonly Pair[]): Pair[] =>
  pairs.filter((pair, i) => !pairs.slice(0, i).some((before) => pair.every((name) => before.includes(name))));

/**
 * Compares pairs of systems on a split. It pools the answers of all seeds and resamples whole clips, or in a
 * fold of a protocol speakers, with all their rows and seeds. It therefore estimates the gain of a single run
 * of any seed, not of an ensemble. Every system is scored on the same resamples. Pairs whose metric is
 * undefined for a resample are `undefinedFor`.
 */
export function comparePairs(
  systems: readonly System[],
  pairs: readonly Pair[],
  { split, dataset, metric, protocol = "split" }: {
    split: Split;
    dataset: Dataset;
    metric: Metric;
    protocol?: string;
  },
): { comparisons: RecipeComparison[]; undefinedFor: Pair[] } {
  if (pairs.length === 0) return { comparisons: [], undefinedFor: [] };
  const ids = systems[0].answers[split]!.flatMap(({ ids }) => ids);
  const { by, of } = unitsIn(protocol, ids, dataset), clusters = new Set(of).size;
  const resamples = [...resampleClusters(of, RESAMPLES, 1)];
  const scored = new Map(
    systems.filter(({ name }) => pairs.some((pair) => pair.includes(name))).map(({ name, answers }) => {
      const outcomes = pooled(answers[split]!);
      return [name, { whole: valueOf(metric, outcomes), drawn: resampled(metric, outcomes, resamples) }];
    }),
  );
  const isDefined = (name: string) => [scored.get(name)!.whole, ...scored.get(name)!.drawn].every(isNumber);
  const defined = pairs.filter((pair) => pair.every(isDefined));
  const measured = defined.map(([recipe, against]) => {
    const [a, b] = [recipe, against].map((name) => {
      const { whole, drawn } = scored.get(name)!;
      return (resample?: ArrayLike<number>) => (resample ? drawn[resample[0]] : whole)!;
    });
    return pairedBootstrapOf(a, b, Array.from({ length: RESAMPLES }, (_, i) => [i]));
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
      by,
      beyond_chance: adjusted[i] < 0.05,
    })),
    undefinedFor: pairs.filter((pair) => !defined.includes(pair)),
  };
}

const isNumber = (value: number | null): value is number => value !== null;

/** Returns the outcomes of all seeds, one after another. */
function pooled(answers: readonly Answers[]): Outcomes {
  const all = answers.map(({ outcomes }) => outcomes), [first] = all;
  const of = <T>(part: (outcomes: Outcomes) => ArrayLike<T>): T[] =>
    all.flatMap((each) => Array.from(part(each)));
  const truth = of<never>(({ truth }) => truth as never);
  const predicted = of<never>(({ predicted }) => predicted as never);
  return first.kind === "class"
    ? classOutcomes(truth, predicted, first.labels)
    : { ...first, truth, predicted };
}
