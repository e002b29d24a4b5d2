/** The interface of data sources, and the unchecked rows that they return. */
import type { CsvTable } from "../csv.ts";
import type { TargetKind } from "../../target.ts";
import type { ColumnNames } from "./columns.ts";
import type { Rejection } from "../utterance.ts";

/** An unchecked row. Every field may be empty or wrong. */
export interface Candidate {
  /** File and line, or the clip. */
  at: string;
  /** Unique id. */
  id: string;
  /** Name of the split. Absent if the source has no splits. */
  split?: string;
  /** The words that are spoken. */
  text?: string;
  /** Path of the clip, relative to `SourceRows.root`. */
  audio?: string;
  /** Name of the emotion, where the target is a class. */
  label?: string;
  /** The number of each name, where the target is no class: `{ valence: "0.3" }`. */
  target?: Readonly<Record<string, string>>;
  /** The person who speaks. */
  speaker?: string;
  /** The conversation that the utterance belongs to. */
  dialogue?: string;
  /** Number of the utterance in its dialogue, a whole number. */
  turn?: string;
  /** The recording session. */
  session?: string;
  /** Gender of the speaker. */
  gender?: string;
  /** Age of the speaker, as a number or in words. */
  age?: string;
  /** The corpus that the utterance comes from, if the data hold several. */
  corpus?: string;
  /** Published splits by fold, fold 1 first, empty where a fold lacks the utterance: `test,train,train`. */
  folds?: string;
  /** Who wrote the words down: `machine:<model>`, or `human` or nothing. */
  textSource?: string;
}

/** The rows that a source reads from a path. */
export interface SourceRows {
  /** The rows, usable or not. */
  candidates: readonly Candidate[];
  /** The folder that clips are relative to. */
  root: string;
  /** Name of the data set. Default: the source's name. */
  name?: string;
  /** File or folder that was read. Default: the given path. */
  path?: string;
  /** The kind of target. Default: a class. */
  target?: TargetKind;
  /**
   * The classes, labels or dimensions in order. Rows with another label are left out. Default for classes:
   * the labels of the rows.
   */
  labels?: readonly string[];
  /** Rows that can't be used. Default none. */
  rejected?: readonly Rejection[];
  /** Notes for the reader: guesses, ignored columns and files. Default none. */
  notes?: readonly string[];
}

/** `SourceRows` with all defaults filled in. */
export type CandidateSource =
  & Required<Omit<SourceRows, "labels" | "target">>
  & Pick<SourceRows, "labels" | "target">;

/** The view of a path that sources get. Listings and tables are read once, however many sources ask. */
export interface Place {
  /** Kind of the path. */
  kind: "file" | "folder" | "nothing";
  /**
   * Returns the files in the folder and up to five folders below it, relative to it, with `/`. Throws
   * UndertoneError.
   */
  files(): Promise<readonly string[]>;
  /** Returns the columns of the file, or undefined if it is not a readable CSV or parquet file. */
  columns(): Promise<readonly string[] | undefined>;
  /**
   * Reads the file, or a file of the folder, as CSV or parquet. Throws UndertoneError if it can't be read.
   */
  table(file?: string): Promise<CsvTable>;
  /** Whether rows need a label. False for rows to be predicted. */
  labelled: boolean;
  /** Whether the run reads clips. */
  audio: boolean;
  /**
   * Whether rows may name neither text nor audio, because features of theirs are stored under their ids or
   * the names of their clips. Default false.
   */
  byName?: boolean;
  /** Encoding of text files, by its `TextDecoder` name. Undefined if the user named none. */
  encoding?: string;
  /** The user's names for columns of a manifest. Tables already have them replaced. */
  columnNames?: ColumnNames;
  /**
   * How the names of clips are built, for a source that reads such names. Undefined if the user says none.
   */
  pattern?: string;
  /** The cache folder, for clips that a file holds. Default: the project's. */
  cache?: string;
  /** The kind of target to read. Undefined if the user named none. */
  target?: TargetKind;
}

/** Requirements of a run for its data set. */
export type Wanted = Pick<
  Place,
  "labelled" | "audio" | "byName" | "encoding" | "columnNames" | "pattern" | "cache" | "target"
>;

/** A source's answer if it recognises a path. */
export interface Recognition {
  /**
   * Confidence from 1 to 100. The source with the highest strength reads the path. Built-in sources give 100
   * for a word of their own, 90 for a manifest, 70 for MELD's tables, 50 for clips named as in RAVDESS, and
   * less if they only guess.
   */
  strength: number;
  /** The evidence, worded to follow "by its": "2 CSV files of MELD". */
  reason: string;
  /** The file of the folder that is the data set. Undertone then asks the sources about this file. */
  file?: string;
}

/** One kind of data set: a corpus in its published files, or a file format. */
export interface DataSource {
  /** Prefix of a path that forces this source: `ravdess:my/folder`. */
  id: string;
  /** Name in a sentence: "RAVDESS". */
  name: string;
  /** The paths that it reads, for help and errors: "a RAVDESS folder". */
  summary: string;
  /** Words that select data of its own, as `sample` does. */
  words?: readonly string[];
  /**
   * Whether folders that it reads have columns, which a user can name, or clips named by a user's pattern.
   */
  reads?: "columns" | "pattern";
  /** Classes in their official order. Other data also gets this order if all of its labels are among them. */
  labels?: readonly string[];
  /** Recognises the path by names and columns, or returns undefined. It should not read rows. */
  recognise(path: string, place: Place): Recognition | undefined | Promise<Recognition | undefined>;
  /**
   * Reads the rows at the path. A user may have forced the source, so throw UndertoneError if it can't read
   * the path.
   */
  read(path: string, place: Place): SourceRows | Promise<SourceRows>;
}

/** A source that is not chosen is named in a note from this strength on. */
export const WORTH_TELLING = 50;

/** Formats names for a sentence: `'a', 'b'`. */
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ");
