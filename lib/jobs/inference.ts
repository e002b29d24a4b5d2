/** What inference takes and gives. */
import type { AudioClip, ClipWarning, Dataset, Rejection, Utterance } from "../data/mod.ts";
import type { EncodeProgress, Modality } from "../encoders/mod.ts";
import type { TargetKind } from "../target.ts";
import type { GivenFeatures } from "./given_features.ts";
import type { Prediction } from "./predictions.ts";

/** Options of inference. */
export interface InferOptions {
  /** Rows that may be turns of the dialogues around the rows to predict. Default: those rows alone. */
  among?: readonly Utterance[];
  /** Your modules that the model was trained with; they are imported first. */
  use?: readonly string[];
  /**
   * Stored features of these rows, for a model that was trained on such features. Default: the model's own.
   */
  features?: GivenFeatures;
  /** Folder of the feature cache; without it, hidden states are not cached. */
  cacheDir?: string;
  /**
   * Rows that are given beforehand, for a model that scales by groups: their statistics replace those that
   * the model's own variant takes. Rows of one speaker belong together; without a speaker, all do.
   */
  enroll?: Pick<Dataset, "rows" | "root">;
  /**
   * Coverage of conformal sets, e.g. 0.9: each prediction gets the set of labels that holds the true one for
   * this share of rows, if they are drawn like the dev rows of the run. Needs the folder of a run.
   */
  sets?: number;
  /** The engine, its device and its threads. */
  engine?: { engine?: string; device?: string; threads?: number };
  /** Stops early and throws the signal's reason. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
  /**
   * Reads the clips of the rows. Default: the reader of files.
   * @internal
   */
  readClip?(path: string): Promise<AudioClip>;
}

/** The predictions for all rows. */
export interface Inference {
  /** Predictions in the order of the rows. */
  predictions: Prediction[];
  /** Unreadable rows with the reasons. */
  rejected: Rejection[];
  /** The model's fusion method. */
  method: string;
  /** The kind of the model's targets. */
  target: TargetKind;
  /** Names of the classes, labels or dimensions, in the model's order. */
  labels: readonly string[];
  /** Modalities that rows have but the model does not read. */
  unused: Modality[];
  /** Notes on the code, the encoders, inputs that were cut, and labels that the model does not know. */
  notes: string[];
  /** Clips with problems, e.g. silent or truncated ones. */
  clipWarnings: ClipWarning[];
}
