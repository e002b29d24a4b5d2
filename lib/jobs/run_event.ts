import type { Dataset } from "../data/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
import type { Fit, TrainEvent } from "../train/mod.ts";
import type { RunFolder } from "./run_folder.ts";
import type { SplitResult } from "./split_result.ts";

/** What a run tells: the loop's events, and what happens around the loop. */
export type RunEvent =
  | TrainEvent
  | {
    type: "prepared";
    folder: RunFolder;
    config: TrainConfig;
    dataset: Dataset;
    /** Rows that can be used, and those that can't. */
    rows: Record<"train" | "dev", number>;
    rejected: number;
    taken?: Fit;
  }
  | { type: "control"; event: TrainEvent }
  | { type: "result"; folder: RunFolder; result: SplitResult; seconds: number };
