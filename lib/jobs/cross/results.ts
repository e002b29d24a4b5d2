/** The results of a matrix of corpora, as stored in `results.json`. */
import type { LabelMapping } from "../../data/mod.ts";
import type { FoldScores } from "../folds/results.ts";

/** A corpus of a matrix: its rows that have a label of the matrix. */
export interface CrossCorpus {
  /** Name in tables. */
  name: string;
  /** Its path. */
  data: string;
  /** Number of rows. */
  rows: number;
  /** Number of speakers; 0 if it names none. */
  speakers: number;
  /** Number of rows by label. */
  labels: Record<string, number>;
}

/** The scores of one corpus' models on one corpus. */
export interface CrossCell extends Omit<FoldScores, "fold"> {
  /** The corpus that trained the models. */
  train: string;
  /** The corpus whose rows they answered. */
  test: string;
  /** Number of folds, if both are one corpus; no fold's test speakers were in its training. */
  folds?: number;
}

/** The results of a matrix of corpora. */
export interface CrossResults {
  /** Fusion method of all models. */
  method: string;
  /** How hidden states were scaled by groups, if they were. */
  normalize?: string;
  /** The classes, in order. */
  labels: string[];
  /** How labels were mapped; absent if they were not. */
  label_map?: LabelMapping;
  /** Seeds; each model was trained with every one. */
  seeds: number[];
  /** All corpora. */
  corpora: CrossCorpus[];
  /** Names of the corpora that trained models: the rows of the matrix. */
  train: string[];
  /** Names of the corpora that were tested: the columns of the matrix. */
  test: string[];
  /** The cells of the matrix, row by row. A corpus with too few speakers for folds has none with itself. */
  cells: CrossCell[];
  /** What a reader must know of the numbers. */
  notes: string[];
}
