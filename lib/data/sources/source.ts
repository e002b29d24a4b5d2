/** What a data source is, and what it finds before anybody has looked at whether it can be used. */
import type { CsvTable } from "../csv.ts";
import type { Rejection } from "../utterance.ts";

/** A row as its source has it: every field may be empty or wrong. */
export interface Candidate {
  /** File and line, or the clip. */
  at: string;
  /** Its name, of which the data set has no other. */
  id: string;
  /** Absent where the source divides nothing. */
  split?: string;
  /** What was said. */
  text?: string;
  /** The clip, relative to `SourceRows.root`. */
  audio?: string;
  /** The name of its class. */
  label?: string;
  /** Who spoke. */
  speaker?: string;
  /** The conversation that it is part of. */
  dialogue?: string;
  /** Its place in the conversation, a whole number. */
  turn?: string;
}

/** What a source finds at a path. */
export interface SourceRows {
  /** The rows, usable or not. */
  candidates: readonly Candidate[];
  /** Folder that clips are relative to. */
  root: string;
  /** Name of the data set. Default: that of the source. */
  name?: string;
  /** File or folder that was read. Default: the path that was given. */
  path?: string;
  /** The classes in their order; rows with another label are left out. Default: the labels of the rows. */
  labels?: readonly string[];
  /** Rows that can't be used. Default none. */
  rejected?: readonly Rejection[];
  /** What a reader should know: guesses, ignored columns and files. Default none. */
  notes?: readonly string[];
}

/** The same, complete. */
export type CandidateSource = Required<Omit<SourceRows, "labels">> & Pick<SourceRows, "labels">;

/** A path as sources look at it. Listings and tables are read once, however many sources ask. */
export interface Place {
  /** What there is. */
  kind: "file" | "folder" | "nothing";
  /** Files in the folder and up to three folders below it, relative to it, with `/`. Throws UndertoneError. */
  files(): Promise<readonly string[]>;
  /** Columns of the file, or undefined if it is no CSV file that can be read. */
  columns(): Promise<readonly string[] | undefined>;
  /** The file as CSV, or a file of the folder. Throws UndertoneError if it can't be read as that. */
  table(file?: string): Promise<CsvTable>;
  /** Whether rows need a label. False for rows to be predicted. */
  labelled: boolean;
  /** Whether the run reads clips. */
  audio: boolean;
  /** Encoding of text files, if one was named, as `TextDecoder` names it. */
  encoding?: string;
}

/** What a run wants of a data set. */
export type Wanted = Pick<Place, "labelled" | "audio" | "encoding">;

/** That a source knows a path. */
export interface Recognition {
  /**
   * How sure it is, from 1 to 100; the strongest source reads the path. Built-in sources give 100 for a word of their own,
   * 90 for a manifest, 70 for MELD's tables, 50 for clips named as in RAVDESS, and less where they only guess.
   */
  strength: number;
  /** What there is that says so, to be read after "by its": "2 CSV files of MELD". */
  reason: string;
  /** The file of the folder that is the data set: the sources are asked again, about it. */
  file?: string;
}

/** One kind of data set: a corpus in the files in which it is published, or a file format. */
export interface DataSource {
  /** Its name before a path, `ravdess:my/folder`, which forces it. */
  id: string;
  /** Its name in a sentence: "RAVDESS". */
  name: string;
  /** What paths it reads, for help and errors: "a RAVDESS folder". */
  summary: string;
  /** Words that stand for data of its own, as `sample` does. */
  words?: readonly string[];
  /** Its classes in their official order. Other data whose labels are all among them has them in this order, too. */
  labels?: readonly string[];
  /** Whether it knows the path, by names and columns; undefined if not. It should not read rows. */
  recognise(path: string, place: Place): Recognition | undefined | Promise<Recognition | undefined>;
  /** Rows at the path. It may have been forced: throw UndertoneError if the path is nothing it can read. */
  read(path: string, place: Place): SourceRows | Promise<SourceRows>;
}

/** The strength from which a source that was not chosen is told of. */
export const WORTH_TELLING = 50;

/** Names in a sentence: `'a', 'b'`. */
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ");
