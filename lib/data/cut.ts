/** What is cut off of texts and recordings that are too long, in sentences: counted before the cut, told in words and seconds. */
import type { Example } from "./batch.ts";
import type { Modality } from "./sequence.ts";
import type { Utterance } from "./utterance.ts";

/** How an encoder cuts. */
interface Cutter {
  id: string;
  /** Hidden states per second of speech, in Hz. */
  rate?: number;
  /** True where an input that is too long loses its start. */
  keepsEnd?: boolean;
  /** Most hidden states of a recording that are made together. */
  piece?: number;
}

/** An input that is cut: its hidden states uncut, those that the encoder makes, and those that are read. */
interface Cut {
  whole: number;
  made: number;
  read: number;
  text?: string;
}

/** Texts whose words are counted, at most. */
const COUNTED = 200;

/**
 * A sentence for each way in which inputs are cut: by their encoder, or by the most hidden states that are kept of one,
 * which the option `--max-<modality>-length` says.
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
      const [{ made, read }] = cuts, noun = modality === "text" ? "text" : "recording";
      const words = modality === "text" ? ` (about ${wordsIn(cuts)} words)` : "";
      const why = read < made ? `--max-${modality}-length is ${bound}` : `${encoder.id} takes no more`;
      return `of ${cuts.length} ${noun}${cuts.length === 1 ? "" : "s"} only ${part}${words} are read; ${why}`;
    });
    return modality === "audio" ? [...told, ...pieceNotes(examples, encoder)] : told;
  });
}

/** A sentence where recordings are longer than what an encoder hears at once. */
function pieceNotes(
  examples: readonly Example[],
  { id, rate = 1, piece = Infinity }: Cutter,
): string[] {
  const count = examples.filter(({ audio }) => audio && audio.length > piece).length;
  const [what, is] = count === 1 ? ["recording", "is"] : ["recordings", "are"];
  return count === 0 ? [] : [
    `${count} ${what} of over ${
      seconds(piece / rate)
    } ${is} encoded in pieces of that length, which do not hear ` +
    `each other, by ${id}`,
  ];
}

/** Which part of an input is read: "the first 512 tokens". */
function part(modality: Modality, { whole, made, read }: Cut, { rate, keepsEnd }: Cutter): string {
  const measure = (states: number) =>
    modality === "text" ? `${states} tokens` : rate ? seconds(states / rate) : `${states} states`;
  if (!keepsEnd || whole === made) return `the first ${measure(read)}`;
  return read < made ? `the first ${read} of the last ${measure(made)}` : `the last ${measure(read)}`;
}

const seconds = (time: number): string => `${time < 10 ? Number(time.toFixed(1)) : Math.round(time)} s`;

/** About how many words are read of each text, as tokens and words are spread over these. */
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
