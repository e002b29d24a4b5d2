/** The encodings that a file may have been saved in: for advice alone, never to read by. */
import { analyse } from "chardet";

export interface Guess {
  encoding: string;
  /** What the sample says in it. */
  reading: string;
}

/** As `--encoding` takes them, where the detector's name is another. */
const NAMES: Record<string, string> = { "iso-8859-1": "windows-1252", "iso-8859-9": "windows-1254" };

/** From the commonest: what the detector thinks equally likely comes in this order. */
const COMMON = ["gb18030", "shift_jis", "big5", "euc-kr", "windows-1252", "windows-1251", "koi8-r", "euc-jp"];

/** A detector that is that sure, in percent, is right. */
const SURE = 50;

/**
 * The likeliest encodings of `sample`, best first: one where its characters leave little doubt, else three at most. Those
 * that `fits` refuses the whole file are left out, and those that read no words.
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

/** Whether most characters beyond ASCII are letters, and those of Latin stand among ASCII's. */
function readsWords(text: string): boolean {
  const others = text.replaceAll(/[\0-\x7f]/g, ""),
    letters = others.replaceAll(/[^\p{L}“”‘’–—…«»、。，！？]/gu, "");
  return letters.length >= 0.8 * others.length && !/(?:(?![\0-\x7f])[\p{Script=Latin}ªº]){3}/u.test(text);
}
