/** The table of an ablation: mean and deviation over seeds, and whether fusing helped beyond chance. */
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

/** By metric: mean and deviation over seeds, and each seed's value in their order. A metric that is undefined for a seed is absent. */
export type Measured = Record<string, Spread & { values: number[] }>;

/** What a recipe or control scores. */
export interface SystemResult {
  /** Name of the recipe or control. */
  name: string;
  /** Its fusion method, where it has one. */
  method?: string;
  /** Whether fused recipes have to beat it. */
  control: boolean;
  /** On dev. */
  dev: Measured;
  /** On test, where that was read. */
  test?: Measured;
}

/** What the best fused recipe gains over a control. */
export interface Gain {
  /** Name of the control. */
  against: string;
  /** Where it was measured. */
  split: Split;
  /** What was measured. */
  metric: "weighted_f1";
  /** The recipe's less the control's, as a fraction. */
  delta: number;
  /** 2.5 and 97.5 percentiles of the bootstrap. */
  interval_95: Interval;
  /** Two-sided, of the bootstrap. */
  p: number;
  /** How many of what were resampled: distinct clips, or rows where none shares a clip. */
  clusters: number;
  /** What was resampled. */
  by: "clip" | "row";
  /** The interval lies above 0. */
  beyond_chance: boolean;
}

/** The table of an ablation. */
export interface AblationResults {
  /** Name of the data set. */
  data: string;
  /** Seeds that each recipe was trained with. */
  seeds: number[];
  /** Labelled rows by split read. */
  rows: Partial<Record<Split, number>>;
  /** The controls first. */
  systems: SystemResult[];
  /** The fused recipe of the highest mean weighted F1 on dev; absent where none was trained. */
  best?: string;
  /** Its gains, on test where that was read, else on dev (where it was chosen, which flatters it). */
  gains: Gain[];
}

/** The results of systems on the splits that were read, dev first. */
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
 * Paired bootstrap of weighted F1. The answers of all seeds are pooled, and clips are resampled whole, with every row
 * and seed that they carry: this asks what a single run gains, whatever its seed, not what an ensemble would.
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
