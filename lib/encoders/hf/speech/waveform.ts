/** Samples as a speech model wants them: loudness, padding. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../../compute/mod.ts";
import type { Row } from "../../encoder.ts";
import type { SpeechConfig } from "./settings.ts";
import { framesOf, hopOf, paddedFrames, samplesOf } from "./frames.ts";

/**
 * Samples `[B,N]`, 0 after each row's own, with the mask of its frames, `[B,L]`, and that of the frames after the first
 * convolution, `[B,L1]`.
 */
export type SpeechInputs = { samples: tf.Tensor2D; mask: tf.Tensor2D; firstMask: tf.Tensor2D };

/** Added to the variance before its root is taken. */
const EPSILON = 1e-7;

/** Zero mean and unit variance over an utterance's own samples. */
export function normalised(row: Row): Float32Array {
  const samples = Float32Array.from(row), mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length;
  const scale = 1 / Math.sqrt(variance + EPSILON);
  return samples.map((x) => (x - mean) * scale);
}

/** The same in a graph: samples `[B,N]`, 0 where their mask `[B,N]` is. */
export function normalisedTensor(samples: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const count = tf.maximum(tf.sum(mask, 1, true), 1), mean = tf.div(tf.sum(samples, 1, true), count);
  const centred = tf.mul(tf.sub(samples, mean), mask);
  const variance = tf.div(tf.sum(tf.square(centred), 1, true), count);
  return tf.div(centred, tf.sqrt(tf.add(variance, EPSILON)));
}

/**
 * Utterances side by side. One too short for a single frame counts as one of just that length, silent at its end. The
 * common length is one of few, since every shape is compiled anew: the most samples that make a padded number of frames.
 */
export function padded(rows: readonly Row[], config: SpeechConfig): Feed {
  const least = samplesOf(1, config);
  const lengths = rows.map((row) => Math.max(least, row.length));
  const frames = paddedFrames(framesOf(Math.max(least, ...lengths), config));
  const length = samplesOf(frames + 1, config) - 1;
  const samples = new Float32Array(rows.length * length);
  rows.forEach((row, b) => samples.set(row, b * length));
  return { samples: { data: samples, shape: [rows.length, length] }, ...masksOf(lengths, length, config) };
}

/** Masks for rows of these many samples, padded to `length`. */
export function masksOf(lengths: readonly number[], length: number, config: SpeechConfig): Feed {
  const after = (layers?: number) => {
    const frames = framesOf(length, config, layers), mask = new Float32Array(lengths.length * frames);
    lengths.forEach((own, b) => mask.fill(1, b * frames, b * frames + framesOf(own, config, layers)));
    return { data: mask, shape: [lengths.length, frames] };
  };
  return { mask: after(), firstMask: after(1) };
}

/** The same in a graph, where numbers of samples `[B]` are tensors: a frame is real if its last sample is. */
export function maskTensors(
  lengths: tf.Tensor1D,
  length: number,
  config: SpeechConfig,
): Pick<SpeechInputs, "mask" | "firstMask"> {
  const after = (layers?: number) => {
    const first = samplesOf(1, config, layers), hop = hopOf(config, layers);
    const ends = tf.range(first, first + hop * framesOf(length, config, layers), hop);
    return tf.cast(tf.lessEqual(ends, tf.expandDims(lengths, 1)), "float32") as tf.Tensor2D;
  };
  return { mask: after(), firstMask: after(1) };
}
