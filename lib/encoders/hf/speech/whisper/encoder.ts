/** Whisper's encoder from a Hugging Face folder, as a speech encoder. */
import { join } from "node:path";
import { z } from "zod";
import type { Feed } from "../../../../compute/mod.ts";
import {
  type EncoderFiles,
  type NetworkEncoder,
  type Row,
  SAMPLE_RATE,
  type Weights,
} from "../../../encoder.ts";
import { sourceOf } from "../../../lora/adapter.ts";
import { type Window, windowsOver } from "../../../windows.ts";
import { readFilesFor } from "../../files.ts";
import { idOf, type Layer, layerOf } from "../../hidden_state.ts";
import { identityOf } from "../../model.ts";
import { weightedLayers, withLayerWeights } from "../../weighted_layers.ts";
import { PREPROCESSOR_FILES, said } from "../preprocessor.ts";
import { WHISPER, type WhisperArchitecture, type WhisperConfig, whisperConfig } from "./config.ts";
import { STATE, statesOf, whisperFeatures } from "./features.ts";
import { readWhisperWeights, type WhisperInputs, whisperModel } from "./model.ts";

export type WhisperNetwork = NetworkEncoder<Float32Array, WhisperInputs>;

const CONFIG = "config.json";

/** Returns the architecture that files describe. Throws UndertoneError. */
export const whisperArchitecture = (files: EncoderFiles, at: string): WhisperArchitecture => ({
  family: WHISPER,
  config: whisperConfig(files[CONFIG], join(at, CONFIG)),
});

/**
 * Reads Whisper's encoder in `folder`, or in the model that an adapter there names, with its changes merged.
 * Its states are those of `layer` (0: the input of the first layer; `all`: a weighted sum; default: the last
 * layer). Throws UndertoneError if the files do not form an encoder.
 */
export async function readWhisper(folder: string, layer?: Layer): Promise<WhisperNetwork> {
  const { base, changed } = await sourceOf(folder), notes: string[] = [];
  const read = await readFilesFor(folder, base, PREPROCESSOR_FILES);
  const architecture = whisperArchitecture(read.files, base);
  said(usual(architecture), read.files, base);
  const whole = changed(await readWhisperWeights(base, architecture, notes));
  // The features follow from config.json, now that the other file is known to agree with it.
  const files = { [CONFIG]: read.files[CONFIG] }, told = [...read.notes, ...notes, ...whole.notes];
  return whisperOf(idOf(folder, layer), files, whole.weights, base, told);
}

/** What a folder may say of its feature extractor: what the model was trained on. */
const usual = ({ config }: WhisperArchitecture) =>
  z.looseObject({
    sampling_rate: z.literal(SAMPLE_RATE).optional(),
    feature_size: z.literal(config.num_mel_bins).optional(),
    n_fft: z.literal(400).optional(),
    hop_length: z.literal(STATE / 2).optional(),
    chunk_length: z.literal(config.max_source_positions * STATE / SAMPLE_RATE).optional(),
    padding_side: z.literal("right").optional(),
    padding_value: z.literal(0).optional(),
    dither: z.literal(0).optional(),
  });

/**
 * Builds the encoder `id` from files and weights of any origin. `at` names the origin, `notes` what was
 * assumed. Throws UndertoneError.
 */
export function whisperOf(
  id: string,
  files: EncoderFiles,
  weights: Weights,
  at: string,
  notes: readonly string[] = [],
): WhisperNetwork {
  const architecture = whisperArchitecture(files, at), { config } = architecture;
  const layer = layerOf(id, config.num_hidden_layers, at);
  const model = layer === "all"
    ? weightedLayers(whisperModel(architecture))
    : whisperModel(architecture, layer);
  const { max_source_positions: most, num_mel_bins: bands } = config;
  return {
    id,
    modality: "audio",
    width: config.hidden_size,
    rate: SAMPLE_RATE / STATE,
    piece: most,
    notes,
    files,
    preprocess: {
      rowOf: (samples, limit = Infinity) => samples.subarray(0, limit * STATE),
      statesOf: (row) => statesOf(row.length),
      pad: (rows) =>
        feedOf(
          rows.map((row) => ({ spectra: whisperFeatures(row, most, bands), own: statesOf(row.length) })),
          config,
        ),
      batchSize: 1,
    },
    weights: layer === "all" ? withLayerWeights(weights, config.num_hidden_layers) : weights,
    apply: model.apply,
    windows: (row) => whisperWindows(row, config),
    recordedAt: (batch) => ({
      features: { data: new Float32Array(batch * 2 * most * bands), shape: [batch, 2 * most, bands] },
      mask: { data: new Float32Array(batch * most), shape: [batch, most] },
    }),
    identity: identityOf(model, "log-mel"),
  };
}

/** Returns the inputs of a pass over windows, each with its spectra and its number of own states. */
function feedOf(
  windows: readonly { spectra: Float32Array; own: number }[],
  { max_source_positions: most, num_mel_bins: bands }: WhisperConfig,
): Feed {
  const size = 2 * most * bands, features = new Float32Array(windows.length * size);
  const mask = new Float32Array(windows.length * most);
  windows.forEach(({ spectra, own }, b) => {
    features.set(spectra, b * size);
    mask.fill(1, b * most, b * most + Math.min(own, most));
  });
  return {
    features: { data: features, shape: [windows.length, 2 * most, bands] },
    mask: { data: mask, shape: [windows.length, most] },
  };
}

/**
 * Yields a pass per window of a long recording. The spectra are those of the whole, as is the loudest value.
 */
async function* whisperWindows(
  row: Row,
  config: WhisperConfig,
): AsyncGenerator<{ feed: Feed; window: Window }> {
  const { max_source_positions: most, num_mel_bins: bands } = config, total = statesOf(row.length);
  const spectra = whisperFeatures(row, total, bands);
  for (const window of windowsOver(total, most)) {
    const start = 2 * window.start * bands;
    yield {
      window,
      feed: feedOf([{ spectra: spectra.subarray(start, start + 2 * most * bands), own: most }], config),
    };
  }
}
