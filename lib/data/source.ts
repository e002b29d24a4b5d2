/** What a loader finds, before anybody has looked at whether it can be used. */
import type { Rejection } from "./utterance.ts";

/** A row as its source has it: every field may be empty or wrong. */
export interface Candidate {
  /** File and line, or the clip. */
  at: string;
  id: string;
  /** Absent where the source divides nothing. */
  split?: string;
  text?: string;
  audio?: string;
  label?: string;
  speaker?: string;
  dialogue?: string;
  turn?: string;
}

export interface Source {
  name: string;
  /** File or folder. */
  path: string;
  /** Folder that clips are relative to. */
  root: string;
  /** The classes in their official order, where the corpus has one; else they are taken from the rows. */
  labels?: readonly string[];
  candidates: readonly Candidate[];
  rejected: readonly Rejection[];
  notes: readonly string[];
}

/** Names in a sentence: `'a', 'b'`. */
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ");
