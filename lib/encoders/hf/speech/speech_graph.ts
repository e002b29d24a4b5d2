/** The inputs of an exported graph for speech: samples and their number. */
import * as tf from "@tensorflow/tfjs-core";
import { SAMPLE_RATE } from "../../encoder.ts";
import { feedSamples, type GraphInputs, onlyReal, WAVEFORM_PORTS } from "../../graph_inputs.ts";
import { hopOf, samplesOf } from "./frames.ts";
import type { SpeechConfig } from "./settings.ts";
import { maskTensors, normalisedTensor } from "./waveform.ts";

/**
 * Returns the inputs: samples `[B,N]` with any N, and the number of each utterance's own samples, `[B]`,
 * which is 0 without speech. Samples beyond `most` hidden states are ignored. The graph normalises loudness
 * if `normalise` is true.
 */
export function speechGraphInputs(
  config: SpeechConfig,
  normalise: boolean,
  most = Infinity,
): GraphInputs<Float32Array> {
  const least = samplesOf(1, config);
  return {
    ports: WAVEFORM_PORTS,
    unit: hopOf(config),
    about: { sample_rate: SAMPLE_RATE },
    rowOf: (samples) => samples,
    feed: feedSamples,
    inputsOf({ waveform, waveform_length }) {
      const given = tf.cast(waveform_length, "float32") as tf.Tensor1D;
      const lengths = most < Infinity ? tf.minimum(given, samplesOf(most + 1, config) - 1) : given;
      const places = tf.range(0, waveform.shape[1]!);
      const own = tf.cast(tf.less(places, tf.expandDims(lengths, 1)), "float32") as tf.Tensor2D;
      const real = onlyReal(waveform as tf.Tensor2D, own);
      const heard = normalise ? normalisedTensor(real, own) : real;
      // As in `padded`: silence extends an utterance that is too short for one frame.
      const samples = tf.pad(heard, [[0, 0], [0, least - 1]]);
      const masks = maskTensors(tf.maximum(lengths, least), samples.shape[1]!, config);
      return { samples, ...masks, present: tf.cast(tf.greater(given, 0), "float32") };
    },
  };
}
