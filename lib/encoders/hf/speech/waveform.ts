/** Samples as a speech model wants them: `preprocessor_config.json`, loudness, padding. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { readJson } from "../../../files/json.ts";
import { parseWith } from "../../../schema.ts";
import { SAMPLE_RATE } from "../../encoder.ts";
import type { SpeechConfig } from "./config.ts";
import { framesOf, paddedFrames, samplesOf } from "./frames.ts";

/**
 * Samples `[B,N]`, 0 after each row's own, with the mask of its frames, `[B,L]`, and that of the frames after the first
 * convolution, `[B,L1]`.
 */
export type SpeechInputs = { samples: tf.Tensor2D; mask: tf.Tensor2D; firstMask: tf.Tensor2D };

const preprocessor = z.object({
  sampling_rate: z.literal(SAMPLE_RATE).default(SAMPLE_RATE),
  do_normalize: z.boolean().optional(),
});

/** Added to the variance before its root is taken. */
const EPSILON = 1e-7;

/**
 * Whether the model in `folder` wants each utterance normalised to zero mean and unit variance. Where the folder does not
 * say: if its convolutions have layer norm; group norm undoes any scale itself. Throws UndertoneError.
 */
export async function readNormalisation(folder: string, config: SpeechConfig): Promise<boolean> {
  const path = join(folder, "preprocessor_config.json");
  const { do_normalize } = existsSync(path) ? parseWith(preprocessor, await readJson(path), path) : {};
  return do_normalize ?? config.feat_extract_norm === "layer";
}

/** Zero mean and unit variance over an utterance's own samples. */
export function normalised(samples: Float32Array): Float32Array {
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length;
  const scale = 1 / Math.sqrt(variance + EPSILON);
  return samples.map((x) => (x - mean) * scale);
}

/**
 * Utterances side by side. One too short for a single frame counts as one of just that length, silent at its end. The
 * common length is one of few, since every shape is compiled anew: the most samples that make a padded number of frames.
 */
export function padded(rows: readonly Float32Array[], config: SpeechConfig): SpeechInputs {
  const least = samplesOf(1, config);
  const lengths = rows.map((row) => Math.max(least, row.length));
  const frames = paddedFrames(framesOf(Math.max(least, ...lengths), config));
  const length = samplesOf(frames + 1, config) - 1;
  const samples = new Float32Array(rows.length * length);
  rows.forEach((row, b) => samples.set(row, b * length));
  return { samples: tf.tensor2d(samples, [rows.length, length]), ...masksOf(lengths, length, config) };
}

/** Masks for rows of these many samples, padded to `length`. */
export function masksOf(
  lengths: readonly number[],
  length: number,
  config: SpeechConfig,
): Omit<SpeechInputs, "samples"> {
  const after = (layers?: number) => {
    const frames = framesOf(length, config, layers), mask = new Float32Array(lengths.length * frames);
    lengths.forEach((own, b) => mask.fill(1, b * frames, b * frames + framesOf(own, config, layers)));
    return tf.tensor2d(mask, [lengths.length, frames]);
  };
  return { mask: after(), firstMask: after(1) };
}
