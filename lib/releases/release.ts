/** What a published release of a corpus is. */
import type { RemoteFile } from "../fetch/mod.ts";

/** An archive of a release. Its mirrors may have different archives of the same clips. */
export interface Archive {
  /** Its file name while it is on the disk. */
  name: string;
  /** The preferred one first. */
  mirrors: readonly RemoteFile[];
  /** Bytes, about, for mirrors that do not tell. */
  about: number;
}

/** A release that anyone may fetch. */
export interface Release {
  /** Its name on the command line. */
  id: string;
  name: string;
  /** The page of its publisher, and its licence. */
  page: string;
  licence: string;
  /** Which checksums are published, as a sentence. */
  checked: string;
  archives: readonly Archive[];
  /** The folder in the archive that holds all the others, without which its files are unpacked. */
  top?: RegExp;
  /** Files that are unpacked, by their path below the top folder. Default: all. */
  wanted?: RegExp;
  /** Files of which only the sound is kept: 16 kHz, one channel, as FLAC. Needs ffmpeg. */
  videos?: RegExp;
  /** Where files are that the archive holds as git-lfs pointers: URLs to which the path is added. */
  lfs?: readonly string[];
  /** Bytes of the files behind those pointers. */
  lfsBytes?: number;
  /** Its clips by path, and how many there are, if that is published. */
  clips: RegExp;
  clipCount?: number;
  /** Bytes of all files once they are unpacked, about. */
  unpacked: number;
}

/** A corpus that its owners give out themselves. */
export interface Elsewhere {
  id: string;
  name: string;
  page: string;
  /** How to get it, as a sentence. */
  how: string;
}
