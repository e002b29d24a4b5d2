/** Scores a model on labelled rows: predictions, metrics and a confidence interval. */
import type { Dataset } from "../data/mod.ts";
import {
  bootstrap,
  type Interval,
  interval95,
  KINDS,
  metricNamed,
  metricsOfOutcomes,
  type Outcomes,
  outcomesOfRows,
  resampleClusters,
  type Scores,
  valueOf,
  weightedF1,
} from "../eval/mod.ts";
import { type Classifier, predictLogits, scaleExamples } from "../model/mod.ts";
import type { Target, TargetKind } from "../target.ts";
import type { Labelled } from "./fit.ts";

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
 * A 95 % interval of a metric. It resamples independent units: clips if rows share clips, otherwise rows.
 */
export interface ClusteredInterval {
  /** 2.5 and 97.5 percentiles. */
  interval_95: Interval;
  /** Number of resampled units. */
  clusters: number;
  /** The resampled unit. */
  by: "clip" | "row";
}

/**
 * Returns the clip of each row, since rows of one clip are dependent. A row without a clip counts as its own.
 */
export function clipsOf(ids: readonly string[], { rows }: Pick<Dataset, "rows">): string[] {
  const clipOf = new Map(rows.map(({ id, audio }) => [id, audio ?? id]));
  return ids.map((id) => clipOf.get(id) ?? id);
}

/**
 * Returns the bootstrap interval of the main metric over distinct clips, under the metric's name:
 * `weighted_f1_interval`. It is empty if the metric is undefined for a resample.
 */
export function headlineInterval(
  rows: readonly ScoredRow[],
  dataset: Pick<Dataset, "rows" | "target" | "labels">,
): Record<`${string}_interval`, ClusteredInterval> {
  const clips = clipsOf(rows.map(({ id }) => id), dataset), clusters = new Set(clips).size;
  const metric = metricNamed(KINDS[dataset.target].headline, "the kind of target");
  const outcomes = outcomesOf(rows, dataset), resamples = [...resampleClusters(clips, RESAMPLES, 1)];
  const by: ClusteredInterval["by"] = clusters < rows.length ? "clip" : "row";
  if (outcomes.kind === "class") {
    const { truth, predicted, labels } = outcomes;
    const { interval_95 } = bootstrap({
      truth,
      predicted,
      classes: labels.length,
      metric: weightedF1,
      resamples,
    });
    return { [`${metric.id}_interval`]: { interval_95, clusters, by } };
  }
  const values = resamples.flatMap((rows) => valueOf(metric, outcomesOfRows(outcomes, rows)) ?? []);
  if (values.length < resamples.length) return {};
  return { [`${metric.id}_interval`]: { interval_95: interval95(values), clusters, by } };
}
