/**
 * Guesses the encoding of a file. Guesses appear only in error messages and notes; no file is read by a
 * guess.
 */
import { analyse } from "chardet";

export interface Guess {
  encoding: string;
  /** The sample decoded with this encoding. */
  reading: string;
}

/** Names for `--encoding`, if the detector uses another name. */
const NAMES: Record<string, string> = { "iso-8859-1": "windows-1252", "iso-8859-9": "windows-1254" };

/** Most common first. Breaks ties between encodings that the detector finds equally likely. */
const COMMON = ["gb18030", "shift_jis", "big5", "euc-kr", "windows-1252", "windows-1251", "koi8-r", "euc-jp"];

/** Confidence in percent from which a single guess suffices. */
const SURE = 50;

/**
 * Returns the likeliest encodings of `sample`, best first: one if the detector is confident, otherwise up to
 * three. Drops encodings that `fits` rejects for the whole file and those in which the sample reads as no
 * words.
 */
export function guessEncodings(sample: Uint8Array, fits: (encoding: string) => boolean): Guess[] {
  const rank = ({ encoding }: { encoding: string }) => (COMMON.indexOf(encoding) + 99) % 99;
  const guesses = analyse(sample)
    .map(({ name, confidence }) => ({
      encoding: NAMES[name.toLowerCase()] ?? name.toLowerCase(),
      confidence,
    }))
    .filter(({ encoding }) => encoding !== "ascii" && !encoding.startsWith("utf-") && fits(encoding))
    .map((guess) => ({ ...guess, reading: new TextDecoder(guess.encoding).decode(sample) }))
    .filter(({ reading }) => readsWords(reading))
    .sort((a, b) => b.confidence - a.confidence || rank(a) - rank(b));
  return guesses.slice(0, guesses[0]?.confidence >= SURE ? 1 : 3);
}

/**
 * Returns whether at least 80 % of the characters beyond ASCII are letters or punctuation, and no three Latin
 * ones beyond ASCII stand in a row.
 */
function readsWords(text: string): boolean {
  const others = text.replaceAll(/[\0-\x7f]/g, ""),
    letters = others.replaceAll(/[^\p{L}“”‘’–—…«»、。，！？]/gu, "");
  return letters.length >= 0.8 * others.length && !/(?:(?![\0-\x7f])[\p{Script=Latin}ªº]){3}/u.test(text);
}
