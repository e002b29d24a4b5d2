/** The results of a protocol, as stored in `results.json`. */
import type { LabelMapping, Split } from "../../data/mod.ts";
import type { Estimate, GroupScores, Spread } from "../../eval/mod.ts";
import type { TargetKind } from "../../target.ts";
import type { Measured } from "../ablation/table.ts";

/** A fold before it is trained: its number, what it tests, and its number of rows by split. */
export interface PlannedFold {
  /** Number of the fold, from 1. */
  number: number;
  /** What it tests. */
  name: string;
  /** Number of rows by split. */
  rows: Record<Split, number>;
}

/** The scores of a recipe or control on the test rows of one fold. */
export interface FoldScores {
  /** Number of the fold. */
  fold: number;
  /** Number of rows. */
  n: number;
  /** Number of resampled units. */
  clusters: number;
  /** The resampled unit: `speaker`, `dialogue`, `clip` or `row`. */
  by: string;
  /** Each metric: mean, deviation and values over seeds. */
  metrics: Measured;
  /** The metrics by which groups are compared, with intervals. */
  estimates: Record<string, Estimate>;
}

/** The scores of a recipe or control in all folds. */
export interface FoldsSystem {
  /** Name of the recipe or control. */
  name: string;
  /** Fusion method; absent for the control without a model. */
  method?: string;
  /** Whether it is a control. */
  control: boolean;
  /** On dev: per seed the mean over folds, since folds may share dev rows. Absent for the majority. */
  dev?: Measured;
  /** On test: the answers of all folds together. Absent if test was not read. */
  pooled?: Omit<FoldScores, "fold">;
  /** On test, by fold. */
  folds: FoldScores[];
  /** On test: mean and deviation over folds, of each fold's mean over seeds. */
  over_folds: Record<string, Spread>;
}

/** The difference between two systems on the test rows of all folds. */
export interface FoldsGain {
  /** Name of the first recipe or control. */
  recipe: string;
  /** Name of the second one. */
  against: string;
  /** Id of the metric. */
  metric: string;
  /** The first one's value minus the second one's. */
  delta: number;
  /** 2.5 and 97.5 percentiles of a paired bootstrap over units. */
  interval_95: [number, number];
  /** Two-sided p-value. */
  p: number;
  /** The p-value adjusted by Holm's method over all comparisons by this metric. */
  p_holm: number;
}

/** The results of a protocol. */
export interface FoldsResults {
  /** Name of the data set. */
  data: string;
  /** The protocol. */
  protocol: string;
  /** Kind of target; absent for classes. */
  target?: TargetKind;
  /** How labels were mapped; absent if they were not. */
  label_map?: LabelMapping;
  /** Seeds; each recipe was trained with every one in every fold. */
  seeds: number[];
  /** The folds. */
  folds: PlannedFold[];
  /** The resampled unit of the pooled intervals, and their number. */
  units?: { by: string; clusters: number };
  /** All systems, controls first. */
  systems: FoldsSystem[];
  /** The recipe that is best on dev, a fused one if there is any. */
  best?: string;
  /** The best recipe beside each other system, and the pairs of `compare`, on the pooled test rows. */
  gains: FoldsGain[];
  /** Its scores on the pooled test rows by group. */
  groups: GroupScores[];
  /** What a reader must know of the numbers. */
  notes: string[];
}
