/** Scores a model on labelled rows: predictions, metrics and a confidence interval. */
import type { Dataset, Example } from "../data/mod.ts";
import {
  argmax,
  bootstrap,
  type Interval,
  type Metrics,
  metrics,
  resampleClusters,
  softmax,
  weightedF1,
} from "../eval/mod.ts";
import { type Classifier, predictLogits, scaleExamples } from "../model/mod.ts";

/** A row's true class, predicted class and probability of every class. */
export interface ScoredRow {
  id: string;
  truth: number;
  predicted: number;
  probabilities: number[];
}

export interface Scored {
  rows: ScoredRow[];
  metrics: Metrics;
}

/** Predicts and scores labelled examples. */
export async function score(
  model: Classifier,
  examples: readonly Example[],
  signal?: AbortSignal,
): Promise<Scored> {
  const logits = await predictLogits(model, scaleExamples(model, examples), { signal });
  const rows = softmax(logits).map((probabilities, i) => ({
    id: examples[i].id,
    truth: examples[i].label,
    predicted: argmax(probabilities),
    probabilities,
  }));
  const of = <K extends keyof ScoredRow>(key: K) => rows.map((row) => row[key]);
  return { rows, metrics: metrics(of("truth"), of("predicted"), model.labels, of("probabilities")) };
}

export const RESAMPLES = 1000;

/**
 * A 95 % interval of weighted F1. It resamples independent units: clips if rows share clips, otherwise rows.
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
export function clipsOf(ids: readonly string[], { rows }: Dataset): string[] {
  const clipOf = new Map(rows.map(({ id, audio }) => [id, audio ?? id]));
  return ids.map((id) => clipOf.get(id) ?? id);
}

/** Returns the bootstrap interval of weighted F1 over distinct clips. */
export function weightedF1Interval(rows: readonly ScoredRow[], dataset: Dataset): ClusteredInterval {
  const clips = clipsOf(rows.map(({ id }) => id), dataset), clusters = new Set(clips).size;
  const { interval_95 } = bootstrap({
    truth: rows.map((r) => r.truth),
    predicted: rows.map((r) => r.predicted),
    classes: dataset.labels.length,
    metric: weightedF1,
    resamples: resampleClusters(clips, RESAMPLES, 1),
  });
  return { interval_95, clusters, by: clusters < rows.length ? "clip" : "row" };
}
