/** Small parts that the readers of corpora with tables and transcripts share. */
import { basename, extname } from "node:path";
import { badInput, count } from "../../../errors.ts";
import { decodeText } from "../../../files/mod.ts";
import { TARGET_KINDS, type TargetKind } from "../../../target.ts";
import type { Place } from "../source.ts";

/** Kinds of clip, in order of preference if an utterance has several. */
const KINDS = [
  "wav",
  "flac",
  "ogg",
  "opus",
  "mp3",
  "m4a",
  "aac",
  "sph",
  "mp4",
  "mkv",
  "mov",
  "avi",
  "webm",
  "flv",
];

/** The clips of a folder by name. */
export interface NamedClips {
  /** Path by the clip's name in lower case, without folder and ending. */
  paths: ReadonlyMap<string, string>;
  /** A note if a clip lies in several folders. */
  notes: string[];
}

/**
 * Finds clips by their names, in whatever folders they lie. Of several kinds of one clip the best is used,
 * and of several copies the first. `nameOf` gives the name of a path, or undefined if it is no clip of the
 * corpus.
 */
export function clipsByName(
  files: readonly string[],
  nameOf: (path: string) => string | undefined = (path) => basename(path, extname(path)),
): NamedClips {
  const paths = new Map<string, string>(), copies: string[] = [];
  const rank = (path: string) => KINDS.indexOf(extname(path).slice(1).toLowerCase());
  for (const path of files) {
    const name = rank(path) < 0 ? undefined : nameOf(path)?.toLowerCase();
    if (name === undefined) continue;
    const known = paths.get(name);
    if (known === undefined || rank(path) < rank(known)) paths.set(name, path);
    else if (rank(path) === rank(known)) copies.push(path);
  }
  const told = `${count(copies.length, "clip")} whose name another folder has, too, left unread, e.g. ${
    copies[0]
  }.`;
  return { paths, notes: copies.length > 0 ? [told] : [] };
}

/**
 * Reads the lines of a text file, without line ends. Adds notes on its encoding and on damaged lines. Throws
 * UndertoneError if it can't be read.
 */
export async function linesOf(
  path: string,
  encoding: string | undefined,
  notes: string[],
): Promise<string[]> {
  const bytes = await Deno.readFile(path).catch((cause) => {
    throw badInput({
      expected: "a text file",
      found: `one that can't be read (${cause})`,
      at: path,
      todo: "Check its permissions.",
    }, cause);
  });
  const { text, broken, encoding: used, notes: told } = decodeText(bytes, path, encoding);
  notes.push(...told);
  if (broken.length > 0) {
    notes.push(
      `${path} has ${count(broken.length, "line")} with bytes that are not ${used}, e.g. line ${
        broken[0].line
      }: ` +
        "U+FFFD replaces them.",
    );
  }
  const lines = text.split(/\r\n?|\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/**
 * Returns the kind of target to read: the wanted one, or the first that the corpus has. Throws UndertoneError
 * if rows need a target and the corpus lacks the wanted kind.
 */
export function targetFor<T extends TargetKind>(
  { target, labelled }: Pick<Place, "target" | "labelled">,
  kinds: readonly [T, ...T[]],
  at: string,
): T {
  const found = kinds.find((kind) => kind === target);
  if (found !== undefined || target === undefined || !labelled) return found ?? kinds[0];
  const has = TARGET_KINDS.filter((kind) => (kinds as readonly TargetKind[]).includes(kind));
  throw badInput({
    expected: `a kind of target that the corpus has (${has.join(", ")})`,
    found: `'${target}'`,
    at,
    todo: `Choose ${has.map((kind) => `--target ${kind}`).join(" or ")}.`,
  });
}

/** Returns the mean of numbers as text, with six digits at most. */
export const meanOf = (numbers: readonly number[]): string =>
  String(Number((numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toFixed(6)));

/**
 * Returns the votes of raters for names, as text. Each rater has one vote, divided equally among the names
 * that the rater gives. Names that `known` lacks do not count; a rater with none of them has no vote.
 */
export function votesFor(
  raters: readonly (readonly string[])[],
  known: readonly string[],
): Record<string, string> {
  const votes = new Map(known.map((name) => [name, 0]));
  for (const names of raters) {
    const given = [...new Set(names)].filter((name) => votes.has(name));
    for (const name of given) votes.set(name, votes.get(name)! + 1 / given.length);
  }
  return Object.fromEntries([...votes].map(([name, sum]) => [name, String(Number(sum.toFixed(6)))]));
}

/** Returns the name that MELD gives to an emotion, or the word itself. */
export const nameOf = (word: string): string => MELD_NAMES[word] ?? word;

const MELD_NAMES: Readonly<Record<string, string>> = {
  angry: "anger",
  happiness: "joy",
  happy: "joy",
  sad: "sadness",
};
