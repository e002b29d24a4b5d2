/** Encoders by name, built-in and registered. Each is loaded once, on first use. */
import { badInput, nearest } from "../errors.ts";
import { type ContextOptions, readsTurns, type TextInput } from "../data/mod.ts";
import { modelPlace } from "../hub/mod.ts";
import { type RegisterOptions, type Registry, registry, requireParts } from "../registry.ts";
import type {
  EncoderFiles,
  FrozenEncoder,
  Modality,
  ModelEncoder,
  NetworkEncoder,
  SpeechEncoder,
  TextEncoder,
  Weights,
} from "./encoder.ts";
import { frozen, hasEightBits } from "./eight_bit/frozen.ts";
import { modelEncoder } from "./network.ts";
import { concatenateEncoders } from "./concatenate.ts";
import { STORED } from "./stored/name.ts";
import { currentVersion, partsOf } from "./versions.ts";

/** An encoder in the registry. */
export interface EncoderEntry<In> {
  /** Name, without the part after a colon. */
  id: string;
  /** One line for `--help` and tables. */
  summary: string;
  /** Licence of the weights, and of the model that they came from. */
  licence: string;
  /** Name of the argument in `id:argument`, e.g. "folder", for encoders that need one. */
  argument?: string;
  /** Loads the encoder; called on first use. */
  load(argument: string): Promise<FrozenEncoder<In>>;
  /** True if states are found by the names of rows (`FrozenEncoder.stored`). The argument is then a path. */
  stored?: boolean;
  /** Rebuilds the network from files and weights in a checkpoint; only for encoders that can be trained. */
  restore?: Restore<In>;
}

/** Rebuilds a network from the files and weights in a checkpoint; `at` names the checkpoint in errors. */
export type Restore<In> = (
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
) => Promise<NetworkEncoder<In>>;

/** Returns the form of an encoder's name: its id, with `:<argument>` if it needs an argument. */
export const formOf = ({ id, argument }: { id: string; argument?: string }): string =>
  argument ? `${id}:<${argument}>` : id;

/** Returns the entry of features that are read, not computed; it serves both modalities alike. */
const storedEntry = <In>(modality: Modality): EncoderEntry<In> => ({
  id: STORED,
  summary:
    "Features that another tool computed, by row id or clip name: a folder of .npy files, or one .npz, " +
    ".safetensors or .h5 file",
  licence: "that of the features",
  argument: "path",
  stored: true,
  load: async (argument) => (await import("./stored/stored.ts")).storedEncoder(modality, argument),
});

/** The default first. */
const TEXT: EncoderEntry<string>[] = [
  {
    id: "use-lite",
    summary: "Universal Sentence Encoder Lite, 512 wide token states before pooling, English",
    licence: "Apache 2.0",
    load: async () => (await import("./use_lite/mod.ts")).useLite(),
  },
  {
    id: "hf",
    summary:
      "BERT, MiniLM, DistilBERT, RoBERTa, XLM-RoBERTa or CamemBERT from a local Hugging Face folder; its last layer, hidden state N with #N, or a " +
      "weighted sum of all with #all; can be trained; frozen with 8-bit weights if #q8 ends its name",
    licence: "that of the folder's weights",
    argument: "folder",
    load: async (argument) => (await import("./hf/mod.ts")).frozenTextEncoder(argument),
    restore: async (...kept) => (await import("./hf/mod.ts")).restoredTextEncoder(...kept),
  },
  {
    id: "hf-onnx",
    summary:
      "An ONNX export of a text encoder in a Hugging Face folder, fp32, or quantised with #q8 (or #fp16, …)",
    licence: "that of the folder's weights",
    argument: "folder",
    load: async (argument) => (await import("./hf_onnx/mod.ts")).onnxTextEncoder(argument),
  },
  storedEntry("text"),
];

/** The default first. */
const SPEECH: EncoderEntry<Float32Array>[] = [
  {
    id: "acoustic@2",
    summary:
      "Of the speech in a clip, without silence: speech embedding, log-mel, pitch, energy and spectral shape with " +
      "functionals of the utterance, 12.5 Hz; 'acoustic' is its short name",
    licence: "our own, that of speech-embedding, and MIT for Silero's voice activity model",
    load: async () => (await import("./acoustic/acoustic.ts")).acoustic(),
  },
  {
    id: "acoustic@1",
    summary:
      "What 'acoustic' was before version 2: the same over the whole clip, silence and length included",
    licence: "our own, and that of speech-embedding",
    load: async () => (await import("./acoustic/acoustic_1.ts")).acoustic1(),
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
      "wav2vec2, HuBERT, WavLM, data2vec, UniSpeech(-SAT) or Whisper's encoder from a local Hugging Face folder; its " +
      "last layer, hidden state N with #N, or a weighted sum of all with #all; can be trained; frozen with " +
      "8-bit weights if #q8 ends its name",
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
  storedEntry("audio"),
];

/** Loaded encoders by kind, then by full name (id and argument). */
const loaded = { text: new Map<string, Promise<unknown>>(), speech: new Map<string, Promise<unknown>>() };

const registries = {
  text: registry("a text encoder", { builtIn: TEXT }),
  audio: registry("a speech encoder", { builtIn: SPEECH, aliases: { acoustic: currentVersion("acoustic") } }),
};

/** Returns the entries of a modality, with the input type left open. */
const entriesOf = (modality: Modality): readonly EncoderEntry<never>[] => registries[modality].all();

/**
 * Returns every text encoder, the default first.
 *
 * @example
 * ```ts
 * import { textEncoders } from "@undertone/undertone";
 *
 * console.log(textEncoders().map(({ id, summary }) => `${id}: ${summary}`).join("\n"));
 * ```
 */
export const textEncoders = (): readonly EncoderEntry<string>[] => registries.text.all();

/**
 * Returns every speech encoder, the default first.
 *
 * @example
 * ```ts
 * import { speechEncoders } from "@undertone/undertone";
 *
 * console.log(speechEncoders().map(({ id, licence }) => `${id}: ${licence}`).join("\n"));
 * ```
 */
export const speechEncoders = (): readonly EncoderEntry<Float32Array>[] => registries.audio.all();

/**
 * Adds a text encoder, so that `--text <id>` selects it. Throws UndertoneError if its id is taken or a part
 * is missing.
 *
 * @example
 * ```ts
 * import { registerTextEncoder } from "@undertone/undertone";
 *
 * registerTextEncoder({
 *   id: "letter-counts",
 *   summary: "One state: how often each letter occurs",
 *   licence: "MIT",
 *   load: () =>
 *     Promise.resolve({
 *       id: "letter-counts",
 *       modality: "text",
 *       fingerprint: "letter-counts-1", // change it whenever the states change
 *       width: 26,
 *       encode: (texts) =>
 *         Promise.resolve(texts.map((text) => {
 *           const data = new Float32Array(26);
 *           for (const letter of text.toLowerCase()) {
 *             const i = letter.charCodeAt(0) - 97;
 *             if (i >= 0 && i < 26) data[i]++;
 *           }
 *           return { data, length: 1, width: 26 };
 *         })),
 *     }),
 * });
 * ```
 */
export const registerTextEncoder = (entry: EncoderEntry<string>, options?: RegisterOptions): void =>
  register("text", registries.text, entry, options);

/**
 * Adds a speech encoder, so that `--audio <id>` selects it. Its input is mono samples at 16 kHz. Throws
 * UndertoneError if its id is taken or a part is missing.
 *
 * @example
 * ```ts
 * import { registerSpeechEncoder } from "@undertone/undertone";
 *
 * registerSpeechEncoder({
 *   id: "loudness",
 *   summary: "Mean energy of every tenth of a second",
 *   licence: "MIT",
 *   load: () =>
 *     Promise.resolve({
 *       id: "loudness",
 *       modality: "audio",
 *       fingerprint: "loudness-1", // change it whenever the states change
 *       width: 1,
 *       rate: 10, // Hz
 *       encode: (clips) =>
 *         Promise.resolve(clips.map((samples) => {
 *           const length = Math.ceil(samples.length / 1600), data = new Float32Array(length);
 *           samples.forEach((sample, i) => data[Math.floor(i / 1600)] += sample ** 2 / 1600);
 *           return { data, length, width: 1 };
 *         })),
 *     }),
 * });
 * ```
 */
export const registerSpeechEncoder = (entry: EncoderEntry<Float32Array>, options?: RegisterOptions): void =>
  register("speech", registries.audio, entry, options);

function register<In>(
  kind: keyof typeof loaded,
  into: Registry<EncoderEntry<In>>,
  entry: EncoderEntry<In>,
  options?: RegisterOptions,
): void {
  requireParts("an encoder", entry, ["summary", "licence", "load"]);
  into.add(entry, options);
  for (const name of loaded[kind].keys()) if (name.split(":")[0] === entry.id) loaded[kind].delete(name);
}

/**
 * Returns the text encoder called `id`. Throws UndertoneError, with the nearest name, if there is none.
 *
 * @example
 * ```ts
 * import { textEncoder } from "@undertone/undertone";
 *
 * const encoder = await textEncoder("use-lite");
 * const [states] = await encoder.encode(["You did what?"]); // one sequence [length,512]
 * ```
 */
export const textEncoder = (id: string): Promise<TextEncoder> => encoder("text", textEncoders(), id);

/**
 * Returns the speech encoder called `id`, or several of one rate concatenated: `speech-embedding+prosody`.
 * Throws UndertoneError, with the nearest name, if there is none.
 *
 * @example
 * ```ts
 * import { speechEncoder } from "@undertone/undertone";
 *
 * const encoder = await speechEncoder("log-mel+prosody");
 * const [states] = await encoder.encode([new Float32Array(16000)]); // a second of silence, 12.5 Hz
 * ```
 */
export async function speechEncoder(id: string): Promise<SpeechEncoder> {
  const parts: SpeechEncoder[] = [];
  for (const part of partsOf(currentVersion(id))) parts.push(await encoder("speech", speechEncoders(), part));
  return parts.length === 1 ? parts[0] : concatenateEncoders(parts);
}

/**
 * Rebuilds a trained encoder from a checkpoint, as part of a model; `at` names the checkpoint. With
 * `inContext`, it reads texts in their dialogue. Throws UndertoneError.
 */
export async function restoreEncoder(
  modality: Modality,
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
  { inContext = false } = {},
): Promise<ModelEncoder> {
  const entry = entriesOf(modality).find((entry) => entry.id === id.split(":")[0]);
  if (entry?.restore) {
    const network = await entry.restore(id, files, weights, at);
    return modelEncoder(inContext ? networkInContext({ id, network }) : network);
  }
  throw badInput({
    expected: "an encoder that can be trained",
    found: `'${id}'`,
    at,
    todo: "Read the checkpoint with the version that wrote it.",
  });
}

/** Returns whether the encoder of this name finds states by the names of rows. Loads nothing. */
export const isStored = (modality: Modality, name: string): boolean =>
  entriesOf(modality).some(({ id, stored }) => stored && id === name.split(":")[0]);

/** Returns whether the encoder of this name can be trained. Loads nothing. */
export const isTrainable = (modality: Modality, name: string): boolean =>
  entriesOf(modality).some(({ id, restore }) => restore && id === name.split(":")[0]) &&
  (modality === "text" || !name.includes("+")) && !hasEightBits(name);

/** Returns the network behind `encoder`. Throws UndertoneError if the encoder can't be trained. */
export function networkOf<In>(encoder: FrozenEncoder<In>): NetworkEncoder<In> {
  if (encoder.eightBit) {
    throw badInput({
      expected: "an encoder with float32 weights, which can be trained",
      found: `'${encoder.id}', whose weights have 8 bits`,
      at: "--train",
      todo: `Leave '#q8' out of its name, or '${encoder.modality}' out of --train.`,
    });
  }
  if (encoder.network) return encoder.network;
  const kind = encoder.modality === "text" ? "text" : "speech";
  const able = entriesOf(encoder.modality).filter((entry) => entry.restore);
  throw badInput({
    expected: `a ${kind} encoder that can be trained (${able.map(formOf).join(", ")})`,
    found: `'${encoder.id}'`,
    at: "--train",
    todo: `Name such an encoder with --${encoder.modality}, or leave '${encoder.modality}' out of --train.`,
  });
}

/**
 * Returns the text encoder for texts in their dialogue. Throws UndertoneError if it has no separator, or
 * can't return the states of a part of its input.
 */
export const encoderInContext = (encoder: TextEncoder): TextEncoder => ({
  ...frozen(networkInContext(encoder), encoder.eightBit),
  id: encoder.id,
  notes: encoder.notes,
});

function networkInContext(
  { id, network }: { id: string; network?: NetworkEncoder<never> },
): NetworkEncoder<TextInput> {
  if (network?.inContext) return network.inContext();
  throw badInput({
    expected: "a text encoder that reads turns divided by its tokenizer's separator, such as hf:<folder>",
    found: `'${id}'`,
    at: "--context.past, --context.future or --context.speakers",
    todo: "Name such an encoder with --text, or use --context.states, which works with every frozen encoder.",
  });
}

/**
 * Throws UndertoneError, with the nearest name, if no encoder of this modality has the name. Loads nothing.
 */
export function requireEncoder(modality: Modality, name: string): void {
  if (modality === "text") entryOf("text", textEncoders(), name);
  else for (const part of partsOf(currentVersion(name))) entryOf("speech", speechEncoders(), part);
}

function entryOf<In>(
  kind: keyof typeof loaded,
  entries: readonly EncoderEntry<In>[],
  id: string,
): { entry: EncoderEntry<In>; argument: string } {
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
  return { entry, argument };
}

async function encoder<In>(
  kind: keyof typeof loaded,
  entries: readonly EncoderEntry<In>[],
  id: string,
): Promise<FrozenEncoder<In>> {
  const { entry, argument } = entryOf(kind, entries, id);
  if (entry.stored) return await entry.load(argument); // files may have changed since
  const known = loaded[kind];
  if (!known.has(id)) known.set(id, entry.argument ? fromFolder(entry, argument) : entry.load(""));
  try {
    return await known.get(id) as FrozenEncoder<In>;
  } catch (error) {
    known.delete(id); // try again next time: a missing file may be there then
    throw error;
  }
}

/** Drops the loaded encoder of this name, with its weights. The next use loads it again. */
export function forgetEncoder(modality: Modality, name: string): void {
  const known = loaded[modality === "text" ? "text" : "speech"];
  for (const part of modality === "text" ? [name] : partsOf(currentVersion(name))) known.delete(part);
}

/**
 * Loads an encoder from a folder or from the added model of that name. It keeps the name by which it was
 * requested.
 */
async function fromFolder<In>(entry: EncoderEntry<In>, argument: string): Promise<FrozenEncoder<In>> {
  const [, name, choice] = argument.match(/^(.*?)((?:#\w+)?(?:#q8)?)$/)!;
  const { folder, notes } = await modelPlace(entry.id, name);
  const encoder = await entry.load(folder + choice);
  return { ...encoder, id: `${entry.id}:${argument}`, notes: [...notes, ...encoder.notes ?? []] };
}

/** Returns the text encoder called `id`. It reads texts in their dialogues if the context has turns. */
export async function textEncoderFor(id: string, context?: ContextOptions): Promise<TextEncoder> {
  const encoder = await textEncoder(id);
  return readsTurns(context) ? encoderInContext(encoder) : encoder;
}
