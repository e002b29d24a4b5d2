/** The table of an ablation: mean and deviation over seeds, and whether fusion helped beyond chance. */
import type { Dataset, Split } from "../../data/mod.ts";
import {
  headlineMetrics,
  type Interval,
  metrics,
  metricValue,
  pairedBootstrap,
  resampleClusters,
  type Spread,
  spread,
  weightedF1,
} from "../../eval/mod.ts";
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
  /** The metric that was measured. */
  metric: "weighted_f1";
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
  /** Whether the interval lies above 0. */
  beyond_chance: boolean;
}

/** The table of an ablation. */
export interface AblationResults {
  /** Name of the data set. */
  data: string;
  /** Seeds; each recipe was trained with every one. */
  seeds: number[];
  /** Number of labelled rows by split. */
  rows: Partial<Record<Split, number>>;
  /** All systems, controls first. */
  systems: SystemResult[];
  /** The fused recipe with the highest mean weighted F1 on dev; absent if none was trained. */
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
  const results = systems.map(({ answers, ...system }) => ({
    ...system,
    ...Object.fromEntries(splits.map((split) => [split, measure(answers[split]!, dataset.labels)])),
  } as SystemResult));
  const best = results.filter(({ control }) => !control)
    .reduce<SystemResult | undefined>(
      (a, b) => a && a.dev.weighted_f1.mean >= b.dev.weighted_f1.mean ? a : b,
      undefined,
    )?.name;
  const chosen = systems.find(({ name }) => name === best), split = splits[splits.length - 1];
  return {
    data: dataset.name,
    seeds: [...seeds],
    rows: Object.fromEntries(splits.map((split) => [split, systems[0].answers[split]![0].ids.length])),
    systems: results,
    best,
    gains: chosen
      ? systems.filter(({ control }) => control).map((control) => gain(chosen, control, split, dataset))
      : [],
  };
}

function measure(answers: readonly Answers[], labels: readonly string[]): Measured {
  const perSeed = answers.map(({ truth, predicted, probabilities }) =>
    metrics(truth, predicted, labels, probabilities)
  );
  return Object.fromEntries(
    headlineMetrics("class").flatMap(({ id }) => {
      const values = perSeed.flatMap((metrics) => metricValue(metrics, id) ?? []);
      return values.length === perSeed.length ? [[id, { ...spread(values), values }]] : [];
    }),
  );
}

/**
 * Computes a paired bootstrap of weighted F1. It pools the answers of all
 * seeds and resamples whole clips with all their rows and seeds. It therefore
 * estimates the gain of a single run of any seed, not of an ensemble.
 */
function gain(system: System, control: System, split: Split, dataset: Dataset): Gain {
  const ours = system.answers[split]!, theirs = control.answers[split]!;
  const clips = ours.flatMap(({ ids }) => clipsOf(ids, dataset)), clusters = new Set(clips).size;
  const { delta, interval_95, p } = pairedBootstrap({
    truth: ours.flatMap(({ truth }) => truth),
    a: ours.flatMap(({ predicted }) => predicted),
    b: theirs.flatMap(({ predicted }) => predicted),
    classes: dataset.labels.length,
    metric: weightedF1,
    resamples: resampleClusters(clips, RESAMPLES, 1),
  });
  return {
    against: control.name,
    split,
    metric: "weighted_f1",
    delta,
    interval_95,
    p,
    clusters,
    by: clusters < ours[0].ids.length ? "clip" : "row",
    beyond_chance: interval_95[0] > 0,
  };
}
