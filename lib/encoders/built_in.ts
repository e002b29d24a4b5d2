/** The built-in encoders: text and speech, each with the default first. A new encoder gets an entry here. */
import type { EncoderFiles, FrozenEncoder, Modality, NetworkEncoder, Weights } from "./encoder.ts";
import { STORED } from "./stored/name.ts";

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

/** Text encoders. */
export const TEXT: EncoderEntry<string>[] = [
  {
    id: "use-lite",
    summary: "Universal Sentence Encoder Lite, 512 wide token states before pooling, English",
    licence: "Apache 2.0",
    load: async () => (await import("./use_lite/mod.ts")).useLite(),
  },
  {
    id: "hf",
    summary:
      "BERT, MiniLM, DistilBERT, RoBERTa, XLM-RoBERTa or CamemBERT from a local Hugging Face folder; its " +
      "last layer, hidden state N with #N, or a weighted sum of all with #all; can be trained; frozen with " +
      "8-bit weights if #q8 ends its name",
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

/** Speech encoders. Their input is mono samples at 16 kHz. */
export const SPEECH: EncoderEntry<Float32Array>[] = [
  {
    id: "acoustic@2",
    summary:
      "Of the speech in a clip, without silence: speech embedding, log-mel, pitch, energy and spectral " +
      "shape with functionals of the utterance, 12.5 Hz; 'acoustic' is its short name",
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
      "wav2vec2, HuBERT, WavLM, data2vec, UniSpeech(-SAT) or Whisper's encoder from a local Hugging Face " +
      "folder; its last layer, hidden state N with #N, or a weighted sum of all with #all; can be trained; " +
      "frozen with 8-bit weights if #q8 ends its name",
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
