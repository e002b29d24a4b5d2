/**
 * Corpora that name each clip by what it holds: `1001_DFA_ANG_XX.wav`, `subject 1/anger/…`. Each is a pattern
 * for the ends of its clips' paths, and the row that such a path tells.
 */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { badInput, count, UndertoneError } from "../../../errors.ts";
import { decodeText, wholeText } from "../../../files/mod.ts";
import type { TargetKind } from "../../../target.ts";
import type { CsvTable } from "../../csv.ts";
import type { Rejection } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";

/** A clip of a corpus. */
export interface NamedClip {
  /** Its path, relative to the folder. */
  path: string;
  /** Its file's name without the ending. */
  name: string;
  /** The ending, in lower case: "wav". */
  ending: string;
  /** The named groups of the pattern; a group that is not in the path is undefined. */
  parts: Readonly<Record<string, string>>;
}

/** The row that a clip tells. The id is the clip's name unless it says otherwise. */
export interface ClipRow extends Omit<Candidate, "at" | "id" | "audio"> {
  id?: string;
  /** The reason if the clip can't be used, such as "silent: the recording has no sound". */
  fault?: string;
}

/** What the corpus' other files tell. */
export interface Beside {
  /** Notes for the reader. Default none. */
  notes?: readonly string[];
  /** The kind of target of all rows. Default: a class. */
  target?: TargetKind;
}

/** A corpus whose clips' paths tell their rows. */
export interface ClipCorpus<B extends Beside> {
  id: string;
  /** Name in a sentence. */
  name: string;
  /** A clip's name, for help and errors: "1001_DFA_ANG_XX.wav". */
  example: string;
  /** The labels of its rows, in their official order. */
  labels: readonly string[];
  /** Matches a clip's whole path without its ending, at its end. The folder that is read is part of it. */
  clip: RegExp;
  /** Reads what lies beside the clips. Throws UndertoneError if it can't be read. */
  beside?(place: Place, folder: string, clips: readonly NamedClip[]): Promise<B>;
  /** Returns the row of a clip. */
  row(clip: NamedClip, beside: B): ClipRow;
}

/** Endings of clips; of several files of one clip, the first kind is read. */
const ENDINGS = ["wav", "flac", "ogg", "opus", "m4a", "mp3", "mp4", "mkv", "mov", "avi", "webm", "flv"];
const CLIP = new RegExp(`(?<name>[^/]+)\\.(?<ending>${ENDINGS.join("|")})$`, "i");

/** Returns the source of a corpus, which recognises it by the names of its clips. */
export function clipCorpus<B extends Beside = Beside>(corpus: ClipCorpus<B>): DataSource {
  const { id, name, example } = corpus;
  return {
    id,
    name,
    summary: `clips of ${name} (${example})`,

    async recognise(folder, place) {
      if (place.kind !== "folder") return undefined;
      const { length } = clipsIn(folder, await place.files(), corpus.clip).clips;
      return length > 0 ? { strength: 50, reason: `${length} clips with names of ${name}` } : undefined;
    },

    read: (folder, place) => rowsOfClips(corpus, folder, place),
  };
}

/** Returns the files that the pattern fits, and the other clips. */
function clipsIn(folder: string, files: readonly string[], pattern: RegExp) {
  const clips: NamedClip[] = [], others: string[] = [], whole = resolve(folder).replaceAll("\\", "/");
  for (const path of files) {
    const { name, ending } = CLIP.exec(path)?.groups ?? {};
    if (name === undefined) continue;
    const found = pattern.exec(`${whole}/${path.slice(0, -ending.length - 1)}`);
    if (found) clips.push({ path, name, ending: ending.toLowerCase(), parts: found.groups ?? {} });
    else others.push(path);
  }
  return { clips, others };
}

async function rowsOfClips<B extends Beside>(
  corpus: ClipCorpus<B>,
  folder: string,
  place: Place,
): Promise<SourceRows> {
  const files = await place.files(), { clips, others } = clipsIn(folder, files, corpus.clip);
  if (clips.length === 0) {
    throw badInput({
      expected: `clips named as in ${corpus.name} (${corpus.example})`,
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains them.",
    });
  }
  const beside = await corpus.beside?.(place, folder, clips) ?? {} as B;
  const rows = clips.map((clip) => {
    const { id = clip.name, ...row } = corpus.row(clip, beside);
    return { ...row, id, at: `${folder}/${clip.path}`, audio: clip.path };
  });
  const { kept, rejected, notes } = await distinctClips(folder, rows);
  const ignored = others.length > 0
    ? [`Ignored ${count(others.length, "other clip")}, e.g. ${others[0]}.`]
    : [];
  return {
    root: folder,
    target: beside.target,
    labels: corpus.labels,
    candidates: kept.filter(({ fault }) => fault === undefined).map(({ fault: _, ...row }) => row),
    rejected: [
      ...rejected,
      ...kept.flatMap(({ id, at, fault }) => fault === undefined ? [] : [{ id, at, reason: fault }]),
    ],
    notes: [...beside.notes ?? [], ...notes, ...ignored],
  };
}

/**
 * Returns one row of each id: that of the best kind of file, and of the first of these. Notes count files of
 * other kinds, and copies. A file of the same kind with other content is rejected.
 */
export async function distinctClips<T extends { id: string; audio: string }>(
  folder: string,
  rows: readonly T[],
): Promise<{ kept: T[]; rejected: Rejection[]; notes: string[] }> {
  const rank = ({ audio }: T) => ENDINGS.indexOf(CLIP.exec(audio)!.groups!.ending.toLowerCase());
  const rejected: Rejection[] = [], copies: [string, string][] = [], formats: [string, string][] = [];
  const best = new Map<string, T>();
  for (const [id, same] of Map.groupBy(rows, ({ id }) => id)) {
    const [first, ...rest] = same.toSorted((a, b) => rank(a) - rank(b));
    best.set(id, first);
    for (const row of rest) {
      const pair: [string, string] = [first.audio, row.audio];
      if (rank(row) !== rank(first)) formats.push(pair);
      else if (await isSameFile(...pair.map((path) => `${folder}/${path}`) as [string, string])) {
        copies.push(pair);
      } else {
        const reason = `same name, other content: ${row.audio} is not ${first.audio}`;
        rejected.push({ id, at: `${folder}/${row.audio}`, reason });
      }
    }
  }
  const told = (pairs: [string, string][], what: string) =>
    pairs.length === 0 ? [] : [`Ignored ${pairs.length} ${what}, e.g. ${pairs[0][1]} of ${pairs[0][0]}.`];
  return {
    kept: rows.filter((row) => best.get(row.id) === row),
    rejected,
    notes: [
      ...told(copies, "copies of clips, with the same name and content"),
      ...told(formats, "files of clips that are there in another format, too"),
    ],
  };
}

/** Returns whether two files have the same content. A file that can't be read equals no other. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    if ((await Deno.stat(a)).size !== (await Deno.stat(b)).size) return false;
    const [one, other] = await Promise.all([Deno.readFile(a), Deno.readFile(b)]);
    return one.every((byte, i) => byte === other[i]);
  } catch {
    return false;
  }
}

/**
 * Returns the path of a corpus' file, relative to the folder: below it, or in the folder above it if the
 * clips' own folder is read. Undefined if there is none.
 */
export async function pathBeside(place: Place, folder: string, name: string): Promise<string | undefined> {
  const like = (path: string) => `/${path}`.toLowerCase().endsWith(`/${name}`.toLowerCase());
  return (await place.files()).find(like) ?? (existsSync(`${folder}/../${name}`) ? `../${name}` : undefined);
}

/** Reads a table of a corpus that `pathBeside` finds, or returns undefined. Throws UndertoneError. */
export async function tableBeside(place: Place, folder: string, name: string): Promise<CsvTable | undefined> {
  const path = await pathBeside(place, folder, name);
  return path === undefined ? undefined : await place.table(path);
}

/** Returns the clips whose names are not among the known ones, one for each name. */
export function clipsWithout(clips: readonly NamedClip[], known: ReadonlyMap<string, unknown>): NamedClip[] {
  const byName = new Map(clips.toReversed().map((clip) => [clip.name, clip]));
  return [...byName.values()].filter(({ name }) => !known.has(name)).reverse();
}

/** Reads a file of words that is Unicode or, as a guess, in the given encoding. Throws UndertoneError. */
export async function readWords(path: string, encoding: string): Promise<{ text: string; isGuess: boolean }> {
  const bytes = await Deno.readFile(path);
  try {
    return { text: wholeText(bytes, path), isGuess: false };
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    return { text: decodeText(bytes, path, encoding).text, isGuess: true };
  }
}

/** Returns the name of a file in a table, without folders and ending: `03a01Fa` of `wav/03a01Fa.wav`. */
export const nameOf = (path: string): string => basename(path).replace(/\.\w+$/, "");
