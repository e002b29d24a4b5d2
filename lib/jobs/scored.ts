/** Scores a model on labelled rows: predictions, metrics and a confidence interval. */
import type { Dataset } from "../data/mod.ts";
import {
  groupMetrics,
  type Interval,
  interval95,
  KINDS,
  metricsOfOutcomes,
  type Outcomes,
  resampleClusters,
  resampled,
  type Scores,
} from "../eval/mod.ts";
import { type Classifier, predictLogits, scaleExamples } from "../model/mod.ts";
import type { Target, TargetKind } from "../target.ts";
import type { Labelled } from "./fit.ts";
import { type UnitKind, unitsIn } from "./units.ts";

/** A row's target, and the model's answer: a probability for each name, or a value. */
export interface ScoredRow {
  id: string;
  target: Target;
  answer: readonly number[];
}

export interface Scored {
  rows: ScoredRow[];
  metrics: Scores;
}

/** Predicts and scores labelled examples. */
export async function score(
  model: Classifier,
  examples: readonly Labelled[],
  signal?: AbortSignal,
): Promise<Scored> {
  const logits = await predictLogits(model, scaleExamples(model, examples), { signal });
  const rows = KINDS[model.target].answers(logits).map((answer, i) => ({
    id: examples[i].id,
    target: examples[i].target,
    answer,
  }));
  return { rows, metrics: metricsOfOutcomes(outcomesOf(rows, model)) };
}

/** Returns what metrics compare. */
export const outcomesOf = (
  rows: readonly Pick<ScoredRow, "target" | "answer">[],
  { target, labels }: { target: TargetKind; labels: readonly string[] },
): Outcomes =>
  KINDS[target].outcomes(rows.map(({ target }) => target), rows.map(({ answer }) => answer), labels);

export const RESAMPLES = 1000;

/**
 * A 95 % interval of a metric. It resamples independent units: clips if rows share clips, otherwise rows; in
 * a fold of a protocol speakers, if the rows have some.
 */
export interface ClusteredInterval {
  /** 2.5 and 97.5 percentiles. */
  interval_95: Interval;
  /** Number of resampled units. */
  clusters: number;
  /** The resampled unit. */
  by: UnitKind;
}

/**
 * Returns the bootstrap intervals of the main metric, and of classes also of balanced accuracy, each under
 * the metric's name: `weighted_f1_interval`. A metric that is undefined for a resample has none.
 */
export function intervals(
  rows: readonly ScoredRow[],
  dataset: Pick<Dataset, "rows" | "target" | "labels">,
  protocol = "split",
): Record<`${string}_interval`, ClusteredInterval> {
  const { by, of } = unitsIn(protocol, rows.map(({ id }) => id), dataset), clusters = new Set(of).size;
  const outcomes = outcomesOf(rows, dataset), resamples = [...resampleClusters(of, RESAMPLES, 1)];
  return Object.fromEntries(
    groupMetrics(dataset.target).flatMap((metric) => {
      const values = resampled(metric, outcomes, resamples).flatMap((value) => value ?? []);
      if (values.length < resamples.length) return [];
      return [[`${metric.id}_interval`, { interval_95: interval95(values), clusters, by }]];
    }),
  );
}
