/** Prepares samples for a speech model: normalisation, padding and masks. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../../compute/mod.ts";
import type { Row } from "../../encoder.ts";
import type { SpeechConfig } from "./settings.ts";
import { framesOf, hopOf, paddedFrames, samplesOf } from "./frames.ts";

/**
 * Samples `[B,N]`, 0 at padding; the mask of the frames, `[B,L]`; and the mask of the frames after the first
 * convolution, `[B,L1]`. For a window of a recording also the mean and variance `[C]` of that convolution's
 * channels over the whole recording.
 */
export type SpeechInputs = {
  samples: tf.Tensor2D;
  mask: tf.Tensor2D;
  firstMask: tf.Tensor2D;
  firstMean?: tf.Tensor1D;
  firstVariance?: tf.Tensor1D;
};

/** In place of samples, the frames that the convolutions give for them, `[B,L,C]`, and their mask `[B,L]`. */
export type FrameInputs = { frames: tf.Tensor3D; mask: tf.Tensor2D };

/** Added to the variance before the square root. */
const EPSILON = 1e-7;

/**
 * Scales an utterance to zero mean and unit variance. Sums in double precision, and in plain loops: callbacks
 * on each sample would take as long as a training step of a small encoder.
 */
export function normalised(row: Row): Float32Array {
  const samples = new Float32Array(row), { length } = samples;
  let sum = 0, squares = 0;
  for (let i = 0; i < length; i++) sum += samples[i];
  const mean = sum / length;
  for (let i = 0; i < length; i++) squares += (samples[i] - mean) * (samples[i] - mean);
  const scale = 1 / Math.sqrt(squares / length + EPSILON);
  for (let i = 0; i < length; i++) samples[i] = (samples[i] - mean) * scale;
  return samples;
}

/** Does the same for tensors: samples `[B,N]` with mask `[B,N]`; padding becomes 0. */
export function normalisedTensor(samples: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const count = tf.maximum(tf.sum(mask, 1, true), 1), mean = tf.div(tf.sum(samples, 1, true), count);
  const centred = tf.mul(tf.sub(samples, mean), mask);
  const variance = tf.div(tf.sum(tf.square(centred), 1, true), count);
  return tf.div(centred, tf.sqrt(tf.add(variance, EPSILON)));
}

/**
 * Pads utterances to a common length. One too short for a single frame is extended with silence to one frame.
 * The length is the most samples that give a padded number of frames; few lengths occur, because every new
 * shape is compiled.
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

/** Returns inputs of silence for `batch` utterances of about `length` frames. */
export function speechOfSize(batch: number, length: number, config: SpeechConfig): Feed {
  const hop = hopOf(config), size = length * hop + length % hop; // not a multiple of the hop
  const samples = { data: new Float32Array(batch * size), shape: [batch, size] };
  return { samples, ...masksOf(Array<number>(batch).fill(size), size, config) };
}

/** Returns the masks for rows of these numbers of samples, padded to `length`. */
export function masksOf(lengths: readonly number[], length: number, config: SpeechConfig): Feed {
  const after = (layers?: number) => {
    const frames = framesOf(length, config, layers), mask = new Float32Array(lengths.length * frames);
    lengths.forEach((own, b) => mask.fill(1, b * frames, b * frames + framesOf(own, config, layers)));
    return { data: mask, shape: [lengths.length, frames] };
  };
  return { mask: after(), firstMask: after(1) };
}

/** Does the same for tensors, with numbers of samples `[B]`: a frame is real if its last sample is. */
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
