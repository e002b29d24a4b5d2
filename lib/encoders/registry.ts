/** The encoders by name; each is loaded when first asked for, once. */
import { badInput, nearest } from "../errors.ts";
import type { RawTensor } from "../files/safetensors.ts";
import { modelFolder } from "../hub/mod.ts";
import type {
  EncoderFiles,
  FrozenEncoder,
  Modality,
  SpeechEncoder,
  TextEncoder,
  TrainableEncoder,
} from "./encoder.ts";
import { sideBySide } from "./side_by_side.ts";

/** One line of the registry. */
export interface EncoderEntry<In> {
  /** Name, without what may follow a colon. */
  id: string;
  /** One line for `--help` and tables. */
  summary: string;
  /** Licence of the weights, and of what they came from. */
  licence: string;
  /** What follows the colon in `id:argument`, e.g. "folder", for encoders that need one. */
  argument?: string;
  load(argument: string): Promise<FrozenEncoder<In>>;
  /** Makes it of files and weights that were kept, for those that can be trained. */
  restore?: Restore<In>;
}

type Restore<In> = (
  id: string,
  files: EncoderFiles,
  weights: Record<string, RawTensor>,
  at: string,
) => Promise<TrainableEncoder<In>>;

/** How an entry is asked for: its name, with a colon and what must follow it where something must. */
export const formOf = ({ id, argument }: { id: string; argument?: string }): string =>
  argument ? `${id}:<${argument}>` : id;

/** Text encoders, the default first. */
export const TEXT_ENCODERS: readonly EncoderEntry<string>[] = [
  {
    id: "use-lite",
    summary: "Universal Sentence Encoder Lite, 512 wide token states before pooling, English",
    licence: "Apache 2.0",
    load: async () => (await import("./use_lite/mod.ts")).useLite(),
  },
  {
    id: "hf",
    summary:
      "BERT, MiniLM or RoBERTa from a local Hugging Face folder; its last layer, hidden state N with #N, or a weighted sum of all with #all; can be trained",
    licence: "that of the folder's weights",
    argument: "folder",
    load: async (argument) => (await import("./hf/mod.ts")).frozenTextEncoder(argument),
    restore: async (...kept) => (await import("./hf/mod.ts")).restoredTextEncoder(...kept),
  },
  {
    id: "hf-onnx",
    summary:
      "An ONNX export of a text encoder in such a folder, fp32, or quantised with #q8 (or #fp16, #int8, …)",
    licence: "that of the folder's weights",
    argument: "folder",
    load: async (argument) => (await import("./hf_onnx/mod.ts")).onnxTextEncoder(argument),
  },
];

/** Speech encoders, the default first. */
export const SPEECH_ENCODERS: readonly EncoderEntry<Float32Array>[] = [
  {
    id: "acoustic",
    summary:
      "Speech embedding, log-mel, pitch, energy and spectral shape with functionals of the utterance, 12.5 Hz",
    licence: "our own, and that of speech-embedding",
    load: async () => (await import("./acoustic/acoustic.ts")).acoustic(),
  },
  {
    id: "speech-embedding",
    summary: "Google's speech embedding as openWakeWord uses it, 96 wide, 12.5 Hz",
    licence: "npm package MIT; openWakeWord names CC BY-NC-SA 4.0 for the models",
    load: async () => (await import("./speech_embedding.ts")).speechEmbedding(),
  },
  {
    id: "prosody",
    summary: "Pitch, voicing, energy, spectrum and their slopes over 0.76 s, 104 wide, 12.5 Hz",
    licence: "this project's own code, no weights",
    load: async () => (await import("./prosody.ts")).prosody(),
  },
  {
    id: "log-mel",
    summary: "Mean and deviation of 80 log-mel energies over 80 ms, 160 wide, 12.5 Hz",
    licence: "this project's own code, no weights",
    load: async () => (await import("./log_mel.ts")).logMel(),
  },
  {
    id: "hf",
    summary:
      "wav2vec2, HuBERT or WavLM from a local Hugging Face folder; its last layer, hidden state N with #N, or a weighted sum of all with #all; can be trained",
    licence: "that of the folder's weights",
    argument: "folder",
    load: async (argument) => (await import("./hf/mod.ts")).frozenSpeechEncoder(argument),
    restore: async (...kept) => (await import("./hf/mod.ts")).restoredSpeechEncoder(...kept),
  },
  {
    id: "hf-onnx",
    summary:
      "An ONNX export of wav2vec2, HuBERT or WavLM in a Hugging Face folder, fp32, or quantised with #q8",
    licence: "that of the folder's weights",
    argument: "folder",
    load: async (argument) => (await import("./hf_onnx/mod.ts")).onnxSpeechEncoder(argument),
  },
];

/** The text encoder called `id`. Throws UndertoneError, with the nearest name, where there is none. */
export const textEncoder = (id: string): Promise<TextEncoder> => encoder("text", TEXT_ENCODERS, id);

/**
 * The speech encoder called `id`, or several of the same rate side by side, `speech-embedding+prosody`. Throws
 * UndertoneError, with the nearest name, where there is none.
 */
export async function speechEncoder(id: string): Promise<SpeechEncoder> {
  const parts: SpeechEncoder[] = [];
  for (const part of id.split("+")) parts.push(await encoder("speech", SPEECH_ENCODERS, part));
  return parts.length === 1 ? parts[0] : sideBySide(parts);
}

/** A trained encoder, of what was kept of it; `at` says where. Throws UndertoneError. */
export async function restoreEncoder(
  modality: Modality,
  id: string,
  files: EncoderFiles,
  weights: Record<string, RawTensor>,
  at: string,
): Promise<TrainableEncoder<never>> {
  const entries: readonly EncoderEntry<never>[] = modality === "text" ? TEXT_ENCODERS : SPEECH_ENCODERS;
  const entry = entries.find((entry) => entry.id === id.split(":")[0]);
  if (entry?.restore) return await entry.restore(id, files, weights, at);
  throw badInput({
    expected: "an encoder that can be trained",
    found: `'${id}'`,
    at,
    todo: "Use the version that wrote it.",
  });
}

/** `encoder` with parameters of its own. Throws UndertoneError for one that can't be trained. */
export function thawed<In>(encoder: FrozenEncoder<In>): TrainableEncoder<In> {
  const made = encoder.thaw?.();
  if (made) return made;
  const kind = encoder.modality === "text" ? "text" : "speech";
  const able = (encoder.modality === "text" ? TEXT_ENCODERS : SPEECH_ENCODERS).filter((e) => e.restore);
  throw badInput({
    expected: `a ${kind} encoder that can be trained (${able.map(formOf).join(", ")})`,
    found: `'${encoder.id}'`,
    at: "what is to train",
    todo: `Name such an encoder with --${encoder.modality}, or leave '${encoder.modality}' out of --train.`,
  });
}

const loaded = new Map<string, Promise<unknown>>();

async function encoder<In>(
  kind: string,
  entries: readonly EncoderEntry<In>[],
  id: string,
): Promise<FrozenEncoder<In>> {
  const [name, ...rest] = id.split(":");
  const argument = rest.join(":");
  const entry = entries.find((entry) => entry.id === name);
  if (!entry || Boolean(entry.argument) !== Boolean(argument)) {
    const forms = entries.map(formOf);
    const meant = nearest(name, entries.map((entry) => entry.id));
    throw badInput({
      expected: `a ${kind} encoder (${forms.join(", ")})`,
      found: `'${id}'`,
      at: `the name of the ${kind} encoder`,
      todo: meant
        ? `Did you mean '${forms[entries.findIndex(({ id }) => id === meant)]}'?`
        : "Name one of these.",
    });
  }
  if (!loaded.has(id)) loaded.set(id, entry.argument ? fromFolder(entry, argument) : entry.load(""));
  try {
    return await loaded.get(id) as FrozenEncoder<In>;
  } catch (error) {
    loaded.delete(id); // what was missing may be there next time
    throw error;
  }
}

/** An encoder from a folder, which may be named by the model that was added there; it keeps the name it was asked by. */
async function fromFolder<In>(entry: EncoderEntry<In>, argument: string): Promise<FrozenEncoder<In>> {
  const [, name, choice] = argument.match(/^(.*?)(#\w+)?$/)!;
  const encoder = await entry.load(await modelFolder(entry.id, name) + (choice ?? ""));
  return { ...encoder, id: `${entry.id}:${argument}` };
}
