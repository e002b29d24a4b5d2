/** What a run knows of its splits, as `metrics.json` has it. */
import type { Split } from "../data/mod.ts";
import type { Metrics } from "../eval/mod.ts";
import type { ClusteredInterval } from "./scored.ts";

/** What is known of one split. */
export interface SplitResult {
  /** All metrics. */
  metrics: Metrics;
  /** 95 % interval of weighted F1. */
  weighted_f1_interval: ClusteredInterval;
  /** Controls by name, e.g. `majority`. */
  controls?: Record<string, Metrics>;
  /** When it was read; test more than once is worth knowing. */
  read: string[];
}

/** `metrics.json`: results by split. */
export type Results = Partial<Record<Split, SplitResult>>;
