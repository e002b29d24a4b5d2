/** The words of a text, and which of them each hidden state stands for. */
import type { TextTokens } from "../../encoders/mod.ts";

/** A word of a text: its characters from `start` up to `end`. */
export interface Word {
  /** The word with its punctuation. */
  text: string;
  /** Index of its first character. */
  start: number;
  /** Index after its last character. */
  end: number;
}

/** Scripts that put no space between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/**
 * Returns the words of a text: what stands between white space, with its punctuation. In scripts without
 * spaces, the words that Unicode's rules and dictionaries find, each with the punctuation behind it.
 */
export function wordsIn(text: string): Word[] {
  return [...text.matchAll(/\S+/gu)].flatMap(({ 0: chunk, index }) => {
    if (!UNSPACED.test(chunk)) return [{ text: chunk, start: index, end: index + chunk.length }];
    const starts: number[] = [];
    for (const { index: at, isWordLike } of segmenter.segment(chunk)) {
      if (isWordLike || starts.length === 0) starts.push(at);
    }
    return starts.map((from, i) => {
      const to = starts[i + 1] ?? chunk.length;
      return { text: chunk.slice(from, to), start: index + from, end: index + to };
    });
  });
}

/** The words that a model reads, and the index of the word of each hidden state; -1 for a special token. */
export interface WordStates {
  words: Word[];
  of: number[];
}

/**
 * Merges the tokens of a text to words. The tokens of a word are those that the text gets when it goes on to
 * the end of this word. Where these are not the first tokens of the whole text, because a token reaches over
 * the end of a word, that word and the next one stand together. Words that are cut off are left out.
 */
export function wordsOfStates(text: string, tokensOf: (text: string) => TextTokens): WordStates {
  const { own, places } = tokensOf(text), all = wordsIn(text), words: Word[] = [], wordOf: number[] = [];
  const read = new Set(places), last = Math.max(-1, ...places);
  let from = 0, done = 0; // the first word that waits, and the tokens that have a word
  for (let i = 0; i < all.length && done <= last; i++) {
    const end = i + 1 < all.length ? tokensUpTo(text.slice(0, all[i].end), own, tokensOf) : own.length;
    if (end === undefined || end < done) continue;
    const tokens = Array.from({ length: end - done }, (_, k) => done + k);
    if (tokens.some((token) => read.has(token))) {
      for (const token of tokens) wordOf[token] = words.length;
      const { start } = all[from];
      words.push({ text: text.slice(start, all[i].end), start, end: all[i].end });
    }
    from = i + 1;
    done = end;
  }
  return { words, of: places.map((place) => wordOf[place] ?? -1) };
}

/** Returns the number of tokens of a beginning of the text; undefined if they are not its first tokens. */
function tokensUpTo(
  beginning: string,
  own: readonly number[],
  tokensOf: (text: string) => TextTokens,
): number | undefined {
  const { own: first } = tokensOf(beginning);
  return first.every((id, i) => id === own[i]) ? first.length : undefined;
}

/** Returns a text without one of its words, and without the space that would stand there twice. */
export function withoutWord(text: string, { start, end }: Word): string {
  const before = text.slice(0, start), after = text.slice(end);
  const isSpaced = before === "" || /\s$/u.test(before);
  return isSpaced ? before + after.replace(/^\s+/u, "") : before + after;
}
