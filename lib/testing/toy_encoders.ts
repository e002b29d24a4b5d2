/**
 * Trainable encoders that are independent of Hugging Face. Letters, or frames of samples, pass through a
 * linear layer and tanh.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderEntry } from "../encoders/built_in.ts";
import type { NetworkEncoder, Row, Weights } from "../encoders/encoder.ts";
import { floats, type GraphInputs, integers, maskOf, onlyReal, padRows } from "../encoders/graph_inputs.ts";
import { frozenEncoder } from "../encoders/network.ts";
import { embedding, linear, type Params } from "../nn/mod.ts";

const WIDTH = 4;
/** Maximum number of letters in a text, and samples per frame. */
const LETTERS = 64, FRAME = 800;

const ramp = (shape: number[], scale: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => scale * Math.sin(i + 1)),
});
const WEIGHTS: Record<"text" | "audio", Weights> = {
  text: { "embedding.weight": ramp([128, WIDTH], 1), "dense.weight": ramp([WIDTH, WIDTH], 0.7) },
  audio: { "dense.weight": ramp([WIDTH, FRAME], 0.5) },
};

const dense = (params: Params, x: tf.Tensor): tf.Tensor3D =>
  tf.tanh(linear(x as tf.Tensor3D, params["dense.weight"] as tf.Tensor2D)) as tf.Tensor3D;

/** Pads rows of numbers to whole frames of `size`. */
function padded(
  rows: readonly Row[],
  name: string,
  size: number,
  make: (size: number) => Float32Array | Int32Array,
) {
  const frames = Math.max(1, ...rows.map((row) => Math.ceil(row.length / size)));
  const data = make(rows.length * frames * size), mask = new Float32Array(rows.length * frames);
  rows.forEach((row, b) => {
    data.set(row, b * frames * size);
    mask.fill(1, b * frames, b * frames + Math.ceil(row.length / size));
  });
  return {
    [name]: { data, shape: [rows.length, frames * size] },
    mask: { data: mask, shape: [rows.length, frames] },
  };
}

/** The toy text encoder without its weights. */
const text: Omit<NetworkEncoder<string>, "weights" | "id"> = {
  modality: "text",
  width: WIDTH,
  files: { "letters.json": { most: LETTERS } },
  identity: ["toy text"],
  preprocess: {
    rowOf: (text, limit = LETTERS) =>
      Array.from(text.slice(0, Math.min(limit, LETTERS)), (letter) => letter.charCodeAt(0) % 128),
    statesOf: (row) => row.length,
    pad: (rows) => padded(rows, "ids", 1, integers),
    batchSize: 16,
  },
  apply: (params, { ids, mask }) => ({
    states: dense(params, embedding(params["embedding.weight"] as tf.Tensor2D, ids as tf.Tensor2D)),
    mask: mask as tf.Tensor2D,
  }),
  graphInputs: (most = LETTERS): GraphInputs<string> => ({
    ports: ["letters", "letters_mask"].map((name) => ({
      name,
      type: "int64",
      axes: ["batch", "letters"],
      meaning: "Codes of letters, or 1 for letters and 0 for padding.",
    })),
    unit: 1,
    about: { max_letters: Math.min(most, LETTERS) },
    rowOf: (input) => text.preprocess.rowOf(input, most),
    feed(rows, spare) {
      const { data, mask } = padRows(rows, spare, { padding: -1, make: integers });
      return { letters: { data, shape: mask.shape }, letters_mask: mask };
    },
    inputsOf({ letters, letters_mask }) {
      const mask = maskOf(letters_mask);
      return { ids: onlyReal(letters, mask, tf.scalar(0, "int32")), mask };
    },
  }),
};

/**
 * The toy speech encoder without its weights. It reads frames of samples and pads the last one with silence.
 */
const audio: Omit<NetworkEncoder<Float32Array>, "weights" | "id"> = {
  modality: "audio",
  width: WIDTH,
  rate: 16000 / FRAME,
  files: {},
  identity: ["toy speech"],
  preprocess: {
    rowOf: (samples, limit = Infinity) => samples.subarray(0, limit * FRAME),
    statesOf: (row) => Math.ceil(row.length / FRAME),
    pad: (rows) => padded(rows, "samples", FRAME, floats),
    batchSize: 4,
  },
  apply: (params, { samples, mask }) => ({
    states: dense(params, tf.reshape(samples, [samples.shape[0], -1, FRAME])),
    mask: mask as tf.Tensor2D,
  }),
  graphInputs: (): GraphInputs<Float32Array> => ({
    ports: [
      {
        name: "frames",
        type: "float32",
        axes: ["batch", "frames", FRAME],
        meaning: "Samples, frame by frame.",
      },
      {
        name: "frame_mask",
        type: "int64",
        axes: ["batch", "frames"],
        meaning: "1 for frames, 0 for padding.",
      },
    ],
    unit: 1,
    about: { sample_rate: 16000 },
    rowOf(samples) {
      const whole = floats(Math.ceil(samples.length / FRAME) * FRAME);
      whole.set(samples);
      return whole;
    },
    feed(rows, spare) {
      const { data, mask, length } = padRows(rows, spare, { width: FRAME, padding: NaN, make: floats });
      return { frames: { data, shape: [rows.length, length, FRAME] }, frame_mask: mask };
    },
    inputsOf({ frames, frame_mask }) {
      const mask = maskOf(frame_mask), [batch, length] = frames.shape;
      const samples = tf.reshape(onlyReal(frames, tf.expandDims(mask, 2)), [batch, length! * FRAME]);
      return { samples, mask };
    },
  }),
};

/** Returns a toy encoder with its initial weights, or with these. */
export const toyNetwork =
  ((modality: "text" | "audio", weights: Weights = WEIGHTS[modality], id = "toy") => ({
    ...modality === "text" ? text : audio,
    id,
    weights,
  })) as {
    (modality: "text", weights?: Weights, id?: string): NetworkEncoder<string>;
    (modality: "audio", weights?: Weights, id?: string): NetworkEncoder<Float32Array>;
  };

/** Returns entries of a registry. `restored` collects the files that a checkpoint restored. */
export const toyEntries = (restored: unknown[] = []) => {
  const about = { id: "toy", summary: "For tests.", licence: "MIT" };
  const textEntry: EncoderEntry<string> = {
    ...about,
    load: () => Promise.resolve(frozenEncoder(toyNetwork("text"))),
    restore(id, files, weights) {
      restored.push(files);
      return Promise.resolve(toyNetwork("text", weights, id));
    },
  };
  const speechEntry: EncoderEntry<Float32Array> = {
    ...about,
    load: () => Promise.resolve(frozenEncoder(toyNetwork("audio"))),
    restore: (id, _files, weights) => Promise.resolve(toyNetwork("audio", weights, id)),
  };
  return { text: textEntry, audio: speechEntry };
};
