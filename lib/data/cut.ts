/**
 * Notes on texts and clips that are too long and so are cut. Lengths are measured before the cut and given in
 * words and seconds.
 */
import type { Example } from "./batch.ts";
import type { Modality } from "./sequence.ts";
import type { Utterance } from "./utterance.ts";

/** How an encoder cuts. */
interface Cutter {
  id: string;
  /** Hidden states per second of speech, in Hz. */
  rate?: number;
  /** True if an input that is too long loses its start. */
  keepsEnd?: boolean;
  /** Most hidden states of one pass; longer inputs are computed in windows of it. */
  piece?: number;
}

/**
 * An input that is cut: its number of hidden states uncut, the number that the encoder makes, and the number
 * that the model reads.
 */
interface Cut {
  whole: number;
  made: number;
  read: number;
  text?: string;
}

/** Maximum number of texts in which words are counted. */
const COUNTED = 200;

/**
 * Returns a sentence for each way in which inputs are cut: by their encoder, or by the option
 * `--max-<modality>-length`.
 */
export function cutNotes(
  examples: readonly Example[],
  rows: readonly Utterance[],
  encoders: Partial<Record<Modality, Cutter>>,
  most: Partial<Record<Modality, number>>,
): string[] {
  const texts = new Map(rows.map(({ id, text }) => [id, text]));
  return (["text", "audio"] as const).flatMap((modality) => {
    const encoder = encoders[modality], bound = most[modality] ?? Infinity;
    if (!encoder) return [];
    const cuts = examples.flatMap((example): Cut[] => {
      const given = example[modality] ?? example.raw?.[modality];
      if (!given) return [];
      const { length: made, whole = made } = given, read = Math.min(made, bound);
      return whole > read ? [{ whole, made, read, text: texts.get(example.id) }] : [];
    });
    const ways = Map.groupBy(cuts, (cut) => part(modality, cut, encoder));
    const told = [...ways].map(([part, cuts]) => {
      const [{ made, read }] = cuts, noun = modality === "text" ? "text" : "clip";
      const words = modality === "text" ? ` (about ${wordsIn(cuts)} words)` : "";
      const why = read < made ? `--max-${modality}-length is ${bound}` : `${encoder.id} takes no more`;
      return `only ${part}${words} of ${cuts.length} ${noun}${cuts.length === 1 ? "" : "s"} are read: ${why}`;
    });
    return modality === "audio" ? [...told, ...windowNotes(examples, encoder)] : told;
  });
}

/** Returns a sentence if clips are longer than an encoder can process at once. */
function windowNotes(
  examples: readonly Example[],
  { id, rate = 1, piece = Infinity }: Cutter,
): string[] {
  const count = examples.filter(({ audio }) => audio && audio.length > piece).length;
  if (count === 0) return [];
  const clips = count === 1 ? "1 clip" : `${count} clips`, length = seconds(piece / rate);
  return [`${id} encodes ${clips} longer than ${length} in windows of that length that overlap by half`];
}

/** Names the part of an input that is read: "the first 512 tokens". */
function part(modality: Modality, { whole, made, read }: Cut, { rate, keepsEnd }: Cutter): string {
  const measure = (states: number) =>
    modality === "text" ? `${states} tokens` : rate ? seconds(states / rate) : `${states} states`;
  if (!keepsEnd || whole === made) return `the first ${measure(read)}`;
  return read < made ? `the first ${read} of the last ${measure(made)}` : `the last ${measure(read)}`;
}

const seconds = (time: number): string => `${time < 10 ? Number(time.toFixed(1)) : Math.round(time)} s`;

/** Estimates the words read of each text, from the ratio of words to tokens in these texts. */
function wordsIn(cuts: readonly Cut[]): number {
  const counted = cuts.slice(0, COUNTED), segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
  let words = 0, tokens = 0;
  for (const { whole, text = "" } of counted) {
    for (const { isWordLike } of segmenter.segment(text)) words += isWordLike ? 1 : 0;
    tokens += whole;
  }
  const about = cuts[0].read * words / tokens;
  return about < 100 ? Math.round(about) : Math.round(about / 10) * 10;
}
