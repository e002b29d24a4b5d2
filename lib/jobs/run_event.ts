import type { Dataset } from "../data/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
import type { EpochEvent, Fit, TrainEvent } from "../train/mod.ts";
import type { RunFolder } from "./run_folder.ts";
import type { SplitResult } from "./split_result.ts";

/** An event of a run: those of the training loop, and those before and after it. */
export type RunEvent =
  | TrainEvent
  | {
    type: "prepared";
    folder: RunFolder;
    config: TrainConfig;
    dataset: Dataset;
    /** The usable rows by split, and the number of unusable ones. */
    rows: Record<"train" | "dev", number>;
    rejected: number;
    taken?: Fit;
    /** The epochs before this one resumed, from the run's events. */
    before?: readonly EpochEvent[];
  }
  | { type: "control"; event: TrainEvent }
  | { type: "result"; folder: RunFolder; result: SplitResult; seconds: number };
