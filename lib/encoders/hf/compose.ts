/** Composes the tokens of a text and of the turns around it, as EmoBERTa does (Kim and Vossen 2021). */
import type { TextInContext, TextInput, Turn } from "../../data/mod.ts";
import type { Side } from "./tokenizer_files.ts";
import type { Frame, TextTokenizer } from "./tokenizer.ts";

/** A text in its dialogue as tokens. */
export interface Composed {
  ids: number[];
  /** Number of special tokens at the start. */
  first: number;
  /** Index of the text's own first token, without the speaker's name. */
  start: number;
  /** Number of the text's own tokens that are left. */
  own: number;
  /** Its own tokens uncut. */
  words: readonly number[];
  /** For each of the own tokens that are left, its index in `words`. */
  places: readonly number[];
  /** Number of turns that are left out or cut. */
  turnsCut: number;
}

/** Most characters of a turn that are read. No limit in tokens reaches further. */
const MOST_CHARACTERS = 20_000;
/** Most turns whose tokens are kept, because each turn stands around many others. */
const KEPT = 4096;

/**
 * Returns a function that composes tokens: `first`, earlier turns, the text, later turns, `last`, with
 * `divider` between two turns. A speaker's name stands before its turn with a colon. The text itself is cut
 * as one without turns, to at most `most` states with those of `first`. Then turns are left out, the farthest
 * first and at equal distance the later one, until the rest fits `limit`. If the last one left does not fit,
 * it loses the tokens that are farthest from the text.
 */
export function composer(
  { plain, frame, limit, side }:
    & Pick<TextTokenizer, "plain" | "limit">
    & { frame: Frame; side: Side },
): (input: TextInput, most?: number) => Composed {
  const { first, divider, last } = frame, kept = new Map<string, number[]>();
  const tokensOf = (text: string): number[] => {
    const ids = kept.get(text) ?? plain(text);
    if (kept.size >= KEPT) kept.clear();
    kept.set(text, ids);
    return ids;
  };
  return (input, most = Infinity) => {
    const { past, future, ...turn }: TextInContext = typeof input === "string"
      ? { text: input, past: [], future: [] }
      : input;
    const named = plain(spoken(turn));
    const name = turn.speaker === undefined ? 0 : shared(plain(`${turn.speaker}:`), named);
    const room = limit - first.length - last.length, lead = name < room ? named.slice(0, name) : [];
    const words = named.slice(name), rest = cut([...words.keys()], room - lead.length, side);
    const places = cut(rest, Math.max(0, most - first.length), "right"), own = places.map((i) => words[i]);

    let free = room - lead.length - own.length;
    const turns = nearestFirst(past, future).map(({ turn, isPast }) => ({
      ids: tokensOf(far(turn, isPast)),
      isPast,
    }));
    const size = () => turns.reduce((sum, { ids }) => sum + divider.length + ids.length, 0);
    const given = turns.length;
    while (turns.length > 1 && size() > free) turns.pop();
    let turnsCut = given - turns.length;
    if (turns.length === 1 && size() > free) {
      const [{ ids, isPast }] = turns;
      free -= divider.length;
      turnsCut++;
      turns.pop();
      if (free > 0) turns.push({ ids: cut(ids, free, isPast ? "left" : "right"), isPast });
    }
    const before = turns.filter(({ isPast }) => isPast).reverse().flatMap(({ ids }) => [...ids, ...divider]);
    const after = turns.filter(({ isPast }) => !isPast).flatMap(({ ids }) => [...divider, ...ids]);
    return {
      ids: [...first, ...before, ...lead, ...own, ...after, ...last],
      first: first.length,
      start: first.length + before.length + lead.length,
      own: own.length,
      words,
      places,
      turnsCut,
    };
  };
}

/** The turns around a text, nearest first, and an earlier one before a later one of the same distance. */
function nearestFirst(past: readonly Turn[], future: readonly Turn[]): { turn: Turn; isPast: boolean }[] {
  return Array.from({ length: Math.max(past.length, future.length) }, (_, i) => [
    ...past.slice(past.length - 1 - i, past.length - i).map((turn) => ({ turn, isPast: true })),
    ...future.slice(i, i + 1).map((turn) => ({ turn, isPast: false })),
  ]).flat();
}

const spoken = ({ text, speaker }: Turn): string => speaker === undefined ? text : `${speaker}: ${text}`;

/** Returns what is spoken, without characters that are too far from the text to be read. */
function far(turn: Turn, isPast: boolean): string {
  const text = spoken(turn);
  return isPast ? text.slice(-MOST_CHARACTERS) : text.slice(0, MOST_CHARACTERS);
}

/** Returns the number of ids that two lists begin with together. */
function shared(a: readonly number[], b: readonly number[]): number {
  const end = a.findIndex((id, i) => id !== b[i]);
  return end < 0 ? a.length : end;
}

const cut = (ids: number[], most: number, from: Side): number[] =>
  ids.length <= most ? ids : from === "left" ? ids.slice(ids.length - most) : ids.slice(0, most);
