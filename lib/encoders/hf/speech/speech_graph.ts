/** Samples as inputs of an exported graph. */
import * as tf from "@tensorflow/tfjs-core";
import { SAMPLE_RATE } from "../../encoder.ts";
import { floats, type GraphInputs, onlyReal, padRows } from "../../graph_inputs.ts";
import { hopOf, samplesOf } from "./frames.ts";
import type { SpeechConfig } from "./settings.ts";
import { maskTensors, normalisedTensor } from "./waveform.ts";

/**
 * Samples `[B,N]` of any number, and how many are each utterance's own, `[B]`: 0 for one without speech. What would make
 * more than `most` hidden states is not heard. Loudness is normalised in the graph, where `normalise` wants it.
 */
export function speechGraphInputs(
  config: SpeechConfig,
  normalise: boolean,
  most = Infinity,
): GraphInputs<Float32Array> {
  const least = samplesOf(1, config);
  return {
    ports: [
      {
        name: "waveform",
        type: "float32",
        axes: ["batch", "samples"],
        meaning: "Mono samples in [-1, 1]; padding at the end.",
      },
      {
        name: "waveform_length",
        type: "int64",
        axes: ["batch"],
        meaning: "How many samples are each utterance's own; 0 without speech.",
      },
    ],
    unit: hopOf(config),
    about: { sample_rate: SAMPLE_RATE },
    rowOf: (samples) => samples,
    feed(rows, spare) {
      const { data, mask, counts } = padRows(rows, spare, { padding: NaN, make: floats });
      return {
        waveform: { data, shape: mask.shape },
        waveform_length: { data: counts, shape: [rows.length] },
      };
    },
    inputsOf({ waveform, waveform_length }) {
      const given = tf.cast(waveform_length, "float32") as tf.Tensor1D;
      const lengths = most < Infinity ? tf.minimum(given, samplesOf(most + 1, config) - 1) : given;
      const places = tf.range(0, waveform.shape[1]!);
      const own = tf.cast(tf.less(places, tf.expandDims(lengths, 1)), "float32") as tf.Tensor2D;
      const real = onlyReal(waveform as tf.Tensor2D, own);
      const heard = normalise ? normalisedTensor(real, own) : real;
      // As `padded` has it: one too short for a frame is silent at its end.
      const samples = tf.pad(heard, [[0, 0], [0, least - 1]]);
      const masks = maskTensors(tf.maximum(lengths, least), samples.shape[1]!, config);
      return { samples, ...masks, present: tf.cast(tf.greater(given, 0), "float32") };
    },
  };
}
