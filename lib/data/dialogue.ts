/**
 * Which turns of its dialogue belong to an utterance. They come from the same split and the same dialogue, in
 * the order of `turn`, whatever the order of the rows.
 */
import type { Utterance } from "./utterance.ts";

/** What a model reads of the dialogue around an utterance. */
export interface ContextOptions {
  /** Earlier turns before the text. */
  past: number;
  /** Later turns behind the text. */
  future: number;
  /** Whether the speaker's name stands before each turn. */
  speakers: boolean;
  /** Earlier utterances whose mean hidden states follow the utterance's own. */
  states: number;
}

/** What somebody says, and who. */
export interface Turn {
  /** The words that are spoken. */
  text: string;
  /** The name to put before the text; absent if it is unknown or not wanted. */
  speaker?: string;
}

/** A text with turns around it, all in the order of speaking. */
export interface TextInContext extends Turn {
  /** Earlier turns. */
  past: readonly Turn[];
  /** Later turns. */
  future: readonly Turn[];
}

/** What a text encoder reads: a text alone, or in its dialogue. */
export type TextInput = string | TextInContext;

/** The turns around an utterance, nearest first. */
export interface TurnsAround {
  past: Utterance[];
  future: Utterance[];
}

/** Returns whether the text encoder reads more than the text itself. */
export const readsTurns = (context?: ContextOptions): context is ContextOptions =>
  context !== undefined && (context.past > 0 || context.future > 0 || context.speakers);

/**
 * Returns a function from an utterance to the turns around it that have a text, or that have anything. Of
 * utterances with the same dialogue and turn, only the first by id is a turn for others. An utterance without
 * dialogue or turn has none.
 */
export function turnsAround(
  rows: readonly Utterance[],
  counts: (row: Utterance) => boolean = () => true,
): (row: Utterance, past: number, future: number) => TurnsAround {
  const dialogues = new Map<string, Utterance[]>();
  for (const [key, group] of Map.groupBy(rows.filter(isPlaced), placeOf)) {
    const first = new Map<number, Utterance>();
    for (const row of group) {
      const known = first.get(row.turn!);
      if (!known || row.id < known.id) first.set(row.turn!, row);
    }
    dialogues.set(key, [...first.values()].filter(counts).sort((a, b) => a.turn! - b.turn!));
  }
  return (row, past, future) => {
    const turns = isPlaced(row) ? dialogues.get(placeOf(row)) ?? [] : [], { turn } = row;
    const start = firstIndex(turns, (other) => other.turn! >= turn!);
    const end = firstIndex(turns, (other) => other.turn! > turn!);
    return {
      past: turns.slice(Math.max(0, start - past), start).reverse(),
      future: turns.slice(end, end + future),
    };
  };
}

/** Returns the first index at which a condition holds that holds for all later turns too. */
function firstIndex(turns: readonly Utterance[], holds: (turn: Utterance) => boolean): number {
  let low = 0, high = turns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(turns[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

const hasText = ({ text }: Utterance): boolean => text !== undefined;

/** Returns a function from an utterance to its text in its dialogue; undefined without a text. */
export function textsInContext(
  rows: readonly Utterance[],
  { past, future, speakers }: ContextOptions,
): (row: Utterance) => TextInContext | undefined {
  const around = turnsAround(rows, hasText);
  const turnOf = ({ text, speaker }: Utterance): Turn => ({
    text: text!,
    ...speakers && speaker !== undefined && { speaker },
  });
  return (row) => {
    if (!hasText(row)) return undefined;
    const turns = around(row, past, future);
    return {
      ...turnOf(row),
      past: turns.past.map(turnOf).reverse(),
      future: turns.future.map(turnOf),
    };
  };
}

/** Whether an earlier utterance is by the same speaker. */
export const SPEAKERS = ["unknown", "same", "other"] as const;

/** Returns whether two utterances have one speaker. */
export const speakersOf = (a: Utterance, b: Utterance): typeof SPEAKERS[number] =>
  a.speaker === undefined || b.speaker === undefined ? "unknown" : a.speaker === b.speaker ? "same" : "other";

/**
 * Returns notes on the turns `among` which these utterances have context, and on utterances that have no
 * place in a dialogue.
 */
export function contextNotes(
  rows: readonly Utterance[],
  context?: ContextOptions,
  among: readonly Utterance[] = rows,
): string[] {
  if (!context) return [];
  const { past, future, states, speakers } = context, notes: string[] = [];
  const texts = rows.filter(hasText),
    aroundTexts = turnsAround(among, hasText),
    aroundAll = turnsAround(among);
  const tell = (what: string, rows: readonly Utterance[], count: (row: Utterance) => number) =>
    notes.push(`${what}: ${shares(rows.map(count))}.`);
  if (past > 0) tell("Texts of earlier turns", texts, (row) => aroundTexts(row, past, 0).past.length);
  if (future > 0) tell("Texts of later turns", texts, (row) => aroundTexts(row, 0, future).future.length);
  if (states > 0) tell("States of earlier turns", rows, (row) => aroundAll(row, states, 0).past.length);
  const reads = notes.length > 0, lone = rows.filter((row) => !isPlaced(row)).length;
  if (reads && lone > 0) {
    notes.push(`${lone} of ${rows.length} utterances have no dialogue or no turn, so they have no context.`);
  }
  const placed = Map.groupBy(rows.filter(isPlaced), (row) => `${placeOf(row)}\u0000${row.turn}`);
  const twins = [...placed.values()].filter(({ length }) => length > 1);
  if (reads && twins.length > 0) {
    const two = twins[0].map(({ id }) => id).sort().slice(0, 2).join(" and ");
    notes.push(
      `${twins.length} turns occur more than once (${two}): others read only the first of them by id.`,
    );
  }
  const nameless = texts.filter(({ speaker }) => speaker === undefined).length;
  if (speakers && nameless > 0) {
    notes.push(`${nameless} of ${texts.length} texts have no speaker, so they stand without a name.`);
  }
  return notes;
}

/** Most different numbers of turns that a note lists one by one. */
const LISTED = 10;

/** Says how many utterances read how many turns: "114 utterances read 0, 110 read 1". */
function shares(counts: readonly number[]): string {
  const groups = [...Map.groupBy(counts, (count) => count)].sort(([a], [b]) => a - b);
  if (groups.length <= LISTED) {
    const parts = groups.map(([turns, { length }], i) => `${length}${i ? "" : " utterances"} read ${turns}`);
    return parts.join(", ") || "no utterances";
  }
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  const [least, most] = [groups[0][0], groups[groups.length - 1][0]];
  return `${counts.length} utterances read ${least} to ${most}, ${mean.toFixed(1)} on average`;
}

const isPlaced = ({ dialogue, turn }: Utterance): boolean => dialogue !== undefined && turn !== undefined;

const placeOf = ({ split, dialogue }: Utterance): string => `${split}\u0000${dialogue}`;
