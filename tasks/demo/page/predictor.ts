/**
 * Predicts one utterance with an exported model. Session and files are given, so a browser and a test run it.
 */
import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-node";
import { type AudioClip, clipFrom } from "../../../lib/data/audio/clip.ts";
import type { Decoded } from "../../../lib/data/audio/wav.ts";
import { tokenizer, type Vocabulary } from "../../../lib/encoders/use_lite/tokenizer.ts";
import { badInput, UndertoneError } from "../../../lib/errors.ts";
import type { ExportAbout } from "../../../lib/export/mod.ts";

/** Longest recording that is read as one utterance, in seconds; `infer` cuts longer ones. */
export const LONGEST = 30;

/** What the page gives: words, a sound, or both. */
export interface Utterance {
  text?: string;
  sound?: Decoded;
  /** Names the sound in errors. */
  name?: string;
}

/** What the model says. */
export interface Answer {
  /** The probability of each label, or the value of each dimension, in the model's order. */
  values: number[];
  /** Seconds of sound that were read. */
  seconds?: number;
  /** What is odd about the utterance, as sentences. */
  notes: string[];
}

/** What a predictor needs: an open model, its description and its tokenizer. */
export interface Opened {
  session: Pick<InferenceSession, "run">;
  /** Makes a tensor of the runtime that runs the session. */
  tensor(type: "float32" | "int64", data: Float32Array | BigInt64Array, shape: number[]): Tensor;
  about: ExportAbout;
  /** Content of tokenizer.json, if the model reads text. */
  tokens?: { model: { vocab: Vocabulary } };
  /** Whether the words of a recording without speech are predicted alone. */
  keepText: boolean;
}

/** Returns a function that predicts an utterance as `infer` does. It throws UndertoneError for bad input. */
export function predictor(
  { session, tensor, about, tokens, keepText }: Opened,
): (utterance: Utterance) => Promise<Answer> {
  const split = tokens && tokenizer(tokens.model.vocab);
  const integers = (values: readonly number[], shape: number[]) =>
    tensor("int64", BigInt64Array.from(values, BigInt), shape);

  function textFeeds(ids: readonly number[]): Record<string, Tensor> {
    const row = ids.length > 0 ? ids : [0]; // without words: one token that the mask hides
    return {
      input_ids: integers(row, [1, row.length]),
      attention_mask: integers(row.map(() => Number(ids.length > 0)), [1, row.length]),
    };
  }
  const soundFeeds = (samples: Float32Array): Record<string, Tensor> => ({
    waveform: tensor("float32", samples.length > 0 ? samples : new Float32Array(1), [
      1,
      Math.max(1, samples.length),
    ]),
    waveform_length: integers([samples.length], [1]),
  });

  return async ({ text = "", sound, name = "the recording" }) => {
    const ids = split?.encode(text) ?? [], clip = sound && clipOf(sound, name);
    if (ids.length === 0 && clip === undefined) throw nothing();
    const outputs = await session.run({
      ...split && textFeeds(ids.slice(0, about.max_tokens)),
      ...about.encoders.audio && soundFeeds(clip?.samples ?? new Float32Array(0)),
    });
    const numbers = (port: string) => (outputs[port] as TypedTensor<"float32"> | undefined)?.data;
    const heard = numbers("speech_count")?.[0] ?? 0, isMute = clip !== undefined && heard === 0;
    if (isMute && !(keepText && ids.length > 0)) throw mute(name, ids.length > 0);
    return {
      values: [...numbers(about.outputs[0].name)!],
      seconds: clip && clip.samples.length / about.sample_rate!,
      notes: [
        ...clip?.warnings.map(({ detail }) => `An odd recording that is used anyway: ${detail}.`) ?? [],
        ...isMute ? ["The recording has no speech, so the words are predicted alone."] : [],
        ...cut("words", ids.length, about.max_tokens),
        ...cut("recording", heard, about.max_states.audio),
      ],
    };
  };
}

/** Returns the sound as a clip. Throws UndertoneError if it is empty or too long for an utterance. */
function clipOf(sound: Decoded, at: string): AudioClip {
  const length = sound.channels[0]?.length ?? 0;
  if (length === 0) {
    const found = "one without samples", todo = "Record it again.";
    throw badInput({ expected: "a recording", found, at, todo });
  }
  requireUtterance(length / sound.rate, at);
  return clipFrom(sound, at);
}

/** Throws UndertoneError for a recording that is too long for an utterance. */
export function requireUtterance(seconds: number, at: string): void {
  if (seconds <= LONGEST) return;
  throw badInput({
    expected: `an utterance of at most ${LONGEST} s`,
    found: `a recording of ${seconds.toFixed(seconds < LONGEST + 1 ? 1 : 0)} s`,
    at,
    todo: "Cut it, or use deno task infer --segments, which cuts it at its pauses.",
  });
}

/** Returns a note if only the start was read: `most` of `there` tokens or states. */
const cut = (what: string, there: number, most = Infinity): string[] =>
  there <= most ? [] : [
    `The ${what} are longer than the model reads: it read the first ${Math.round(100 * most / there)} %.`
      .replace("recording are", "recording is"),
  ];

const mute = (at: string, hasText: boolean) =>
  badInput({
    expected: "a recording with speech",
    found: "none",
    at,
    todo: hasText
      ? "Remove the recording to predict from the words alone."
      : "Speak louder or closer, or record again.",
  });

const nothing = () => new UndertoneError("Record something, choose a file, or write what is said.");
