/** What the positions that a head reads stand for: words of the text, and times of the clip. */
import {
  type Example,
  readsTurns,
  SAMPLE_RATE,
  type Span,
  type TextInput,
  textsInContext,
  type Utterance,
} from "../../data/mod.ts";
import type { TextTokens } from "../../encoders/mod.ts";
import type { Loaded } from "../infer.ts";
import { wordsOfStates, type WordStates } from "./words.ts";

/** What the states of a row stand for. Positions behind them are earlier utterances. */
export interface Places {
  /** The words of the states; absent without text, or if the encoder can't tell. */
  text?: WordStates;
  /** The times of the states; absent without a clip. */
  audio?: Span[];
  notes: string[];
}

/**
 * Returns what the states of a row stand for. `samples` are those of its clip, and `among` rows may be turns
 * of its dialogue.
 */
export async function placesOf(
  { model, config, found }: Loaded,
  row: Utterance,
  example: Example,
  samples: Float32Array | undefined,
  among: readonly Utterance[],
): Promise<Places> {
  const { maxLength, modelEncoders } = model, notes: string[] = [];
  const read = (modality: "text" | "audio") =>
    Math.min((example[modality] ?? example.raw?.[modality])?.length ?? 0, maxLength[modality]);
  const places: Places = { notes };

  if (row.text !== undefined && read("text") > 0) {
    const inside = modelEncoders.text?.preprocess, frozen = found.text;
    const tokensOf = (inside
      ? inside.tokensOf && ((input: never) =>
        inside.tokensOf!(input, maxLength.text))
      : frozen?.tokensOf) as ((input: TextInput) => TextTokens) | undefined;
    const { context } = config;
    const turns = readsTurns(context) ? textsInContext(among, context)(row) : undefined;
    if (tokensOf) {
      places.text = wordsOfStates(row.text, (text) => {
        const { own, places } = tokensOf(turns ? { ...turns, text } : text);
        return { own, places: places.slice(0, read("text")) };
      });
    } else {
      notes.push(
        `${
          model.encoders.text!.id
        } doesn't say which words its states stand for, so words have no attention.`,
      );
    }
  }
  if (samples !== undefined && read("audio") > 0) {
    const count = read("audio"), reads = found.audio, seconds = samples.length / SAMPLE_RATE;
    const inside = modelEncoders.audio, rate = inside?.rate ?? reads?.rate ?? model.encoders.audio!.rate;
    if (reads?.timesOf && !inside) places.audio = (await reads.timesOf(samples)).slice(0, count);
    else if (rate !== undefined) {
      const first = (inside ?? reads)?.middle ?? 0.5 / rate;
      places.audio = evenly(count, first - 0.5 / rate, 1 / rate, seconds);
    } else {
      const whole = (example.audio ?? example.raw?.audio)?.length ?? count;
      places.audio = evenly(count, 0, seconds / whole, seconds);
      notes.push(
        `${model.encoders.audio!.id} doesn't say when its states are: they are assumed to be evenly spaced.`,
      );
    }
  }
  return places;
}

/** Returns `count` spans of `step` seconds, one after the other; none ends after the clip. */
const evenly = (count: number, first: number, step: number, seconds: number): Span[] =>
  Array.from({ length: count }, (_, i) => ({
    start: Math.min(seconds, first + i * step),
    end: Math.min(seconds, first + (i + 1) * step),
  }));
