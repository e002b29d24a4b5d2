/** The table of an ablation: mean and deviation over seeds, and whether fusion helped beyond chance. */
import type { Dataset, Split } from "../../data/mod.ts";
import {
  headlineMetrics,
  type Interval,
  KINDS,
  type Metric,
  metricNamed,
  metricsOfOutcomes,
  metricValue,
  type Outcomes,
  outcomesOfRows,
  pairedBootstrap,
  pairedBootstrapOf,
  resampleClusters,
  type Spread,
  spread,
  valueOf,
  weightedF1,
} from "../../eval/mod.ts";
import type { TargetKind } from "../../target.ts";
import type { Answers, System } from "./answers.ts";
import { clipsOf, RESAMPLES } from "../scored.ts";

/**
 * Per metric: mean and deviation over seeds, and the value of each
 * seed, in order. A metric that is undefined for any seed is absent.
 */
export type Measured = Record<string, Spread & { values: number[] }>;

/** The scores of a recipe or control. */
export interface SystemResult {
  /** Name of the recipe or control. */
  name: string;
  /** Fusion method; absent for the majority. */
  method?: string;
  /** Whether it is a control, which fused recipes must beat. */
  control: boolean;
  /** On dev. */
  dev: Measured;
  /** On test, if it was read. */
  test?: Measured;
}

/** The gain of the best fused recipe over a control. */
export interface Gain {
  /** Name of the control. */
  against: string;
  /** The split that was measured. */
  split: Split;
  /** The metric that was measured: weighted F1, or the main metric of another kind of target. */
  metric: string;
  /** The recipe's score minus the control's, as a fraction. */
  delta: number;
  /** The 2.5 and 97.5 percentiles of the bootstrap. */
  interval_95: Interval;
  /** Two-sided p-value of the bootstrap. */
  p: number;
  /** Number of resampled units: distinct clips, or rows if no clip is shared. */
  clusters: number;
  /** The resampled unit. */
  by: "clip" | "row";
  /** Whether the interval lies above 0, or below 0 if a lower value of the metric is better. */
  beyond_chance: boolean;
}

/** The table of an ablation. */
export interface AblationResults {
  /** Name of the data set. */
  data: string;
  /** Kind of target; absent for classes. */
  target?: TargetKind;
  /** How the recipes scale hidden states by groups, if they do. A recipe may have its own scaling. */
  normalize?: string;
  /** Seeds; each recipe was trained with every one. */
  seeds: number[];
  /** Number of labelled rows by split. */
  rows: Partial<Record<Split, number>>;
  /** All systems, controls first. */
  systems: SystemResult[];
  /** The fused recipe whose main metric (weighted F1) is best on dev; absent if none was trained. */
  best?: string;
  /**
   * Its gains on test, or on dev if test was not read. Dev flatters the recipe, because it was chosen there.
   */
  gains: Gain[];
}

/** Summarises systems on the splits that were read, dev first. */
export function summarise(
  systems: readonly System[],
  splits: readonly Split[],
  seeds: readonly number[],
  dataset: Dataset,
): AblationResults {
  const { target } = dataset, metric = headlineIn(target);
  const results = systems.map(({ answers, ...system }) => ({
    ...system,
    ...Object.fromEntries(splits.map((split) => [split, measure(answers[split]!, target)])),
  } as SystemResult));
  const best = results.filter(({ control }) => !control)
    .reduce<SystemResult | undefined>(
      (a, b) => a && !isBetter(metric, b.dev[metric.id]?.mean, a.dev[metric.id]?.mean) ? a : b,
      undefined,
    )?.name;
  const chosen = systems.find(({ name }) => name === best), split = splits[splits.length - 1];
  return {
    data: dataset.name,
    ...target !== "class" && { target },
    seeds: [...seeds],
    rows: Object.fromEntries(splits.map((split) => [split, systems[0].answers[split]![0].ids.length])),
    systems: results,
    best,
    gains: chosen
      ? systems.filter(({ control }) => control)
        .flatMap((control) => gain(chosen, control, split, dataset, metric) ?? [])
      : [],
  };
}

/** Returns the main metric of a kind of target. */
export const headlineIn = (target: TargetKind = "class"): Metric =>
  metricNamed(KINDS[target].headline, "the kind of target");

/** Returns whether a value is better than another. An undefined value is never better. */
const isBetter = ({ higherIsBetter }: Metric, value?: number, other?: number): boolean =>
  value !== undefined && (other === undefined || (higherIsBetter ? value > other : value < other));

function measure(answers: readonly Answers[], target: TargetKind): Measured {
  const perSeed = answers.map(({ outcomes }) => metricsOfOutcomes(outcomes));
  return Object.fromEntries(
    headlineMetrics(target).flatMap(({ id }) => {
      const values = perSeed.flatMap((metrics) => metricValue(metrics, id) ?? []);
      return values.length === perSeed.length ? [[id, { ...spread(values), values }]] : [];
    }),
  );
}

/**
 * Computes a paired bootstrap of the main metric. It pools the answers of all
 * seeds and resamples whole clips with all their rows and seeds. It therefore
 * estimates the gain of a single run of any seed, not of an ensemble. Returns
 * undefined if the metric is undefined for a resample.
 */
function gain(
  system: System,
  control: System,
  split: Split,
  dataset: Dataset,
  metric: Metric,
): Gain | undefined {
  const ours = system.answers[split]!, theirs = control.answers[split]!;
  const clips = ours.flatMap(({ ids }) => clipsOf(ids, dataset)), clusters = new Set(clips).size;
  const compared = compare(pooled(ours), pooled(theirs), metric, resampleClusters(clips, RESAMPLES, 1));
  if (!compared) return undefined;
  const { delta, interval_95, p } = compared, [low, high] = interval_95;
  return {
    against: control.name,
    split,
    metric: metric.id,
    delta,
    interval_95,
    p,
    clusters,
    by: clusters < ours[0].ids.length ? "clip" : "row",
    beyond_chance: metric.higherIsBetter ? low > 0 : high < 0,
  };
}

/** Compares two systems. The counts of classes make weighted F1 quick to resample. */
function compare(a: Outcomes, b: Outcomes, metric: Metric, resamples: Iterable<number[]>) {
  if (a.kind === "class" && b.kind === "class") {
    const { truth, predicted, labels } = a, classes = labels.length;
    return pairedBootstrap({ truth, a: predicted, b: b.predicted, classes, metric: weightedF1, resamples });
  }
  const score = (outcomes: Outcomes) => (rows?: ArrayLike<number>) =>
    valueOf(metric, rows ? outcomesOfRows(outcomes, rows) : outcomes);
  const drawn = [...resamples],
    isDefined = (outcomes: Outcomes) => [undefined, ...drawn].every((rows) => score(outcomes)(rows) !== null);
  if (!isDefined(a) || !isDefined(b)) return undefined;
  return pairedBootstrapOf((rows) => score(a)(rows)!, (rows) => score(b)(rows)!, drawn);
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
