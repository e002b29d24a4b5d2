/** The results of a run by split, as stored in `metrics.json`. */
import type { Split } from "../data/mod.ts";
import type { Metrics } from "../eval/mod.ts";
import type { ClusteredInterval } from "./scored.ts";

/** The result of one split. */
export interface SplitResult {
  /** All metrics. */
  metrics: Metrics;
  /** 95 % interval of weighted F1. */
  weighted_f1_interval: ClusteredInterval;
  /** Controls by name, e.g. `majority`. */
  controls?: Record<string, Metrics>;
  /** Times of every evaluation. The test split should be read only once. */
  read: string[];
  /** True if the run has a better epoch since, so that the result is of earlier weights. */
  outdated?: true;
}

/** `metrics.json`: results by split. */
export type Results = Partial<Record<Split, SplitResult>>;
