/** The rows that everything else reads: loaders make them, encoders and metrics use them. */

export const SPLITS = ["train", "dev", "test"] as const;
export type Split = typeof SPLITS[number];

/** One spoken utterance. `audio` is relative to the data set's `root`; at least one of text and audio is present. */
export interface Utterance {
  id: string;
  split: Split;
  text?: string;
  audio?: string;
  label?: string;
  speaker?: string;
  dialogue?: string;
  turn?: number;
}

/** A row that could not be used, and why; `at` names file and line, or the clip. */
export interface Rejection {
  id: string;
  at: string;
  reason: string;
}

/** A data set: rows, ordered label names (index = class), where it came from, and what could not be used. */
export interface Dataset {
  name: string;
  /** Label names; the index of a name is its class. */
  labels: readonly string[];
  rows: readonly Utterance[];
  /** The file or folder that was loaded. */
  source: string;
  /** Folder that `Utterance.audio` is relative to. */
  root: string;
  /** Rows of the source that were left out, with reasons. */
  rejected: readonly Rejection[];
}
