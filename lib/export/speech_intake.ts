/** Samples as inputs, for a speech encoder in the graph. */
import * as tf from "@tensorflow/tfjs-core";
import {
  hopOf,
  type InnerEncoder,
  maskTensors,
  normalisation,
  normalisedTensor,
  SAMPLE_RATE,
  samplesOf,
  speechArchitecture,
} from "../encoders/mod.ts";
import { floats, INFERENCE, type Intake, onlyReal, sideBySide } from "./intake.ts";

/**
 * Samples `[B,N]` of any number, and how many are each utterance's own, `[B]`: 0 for one without speech. What would make
 * more than `most` hidden states is not heard.
 */
export function speechIntake({ id, apply, params, files }: InnerEncoder, most = Infinity): Intake {
  const { config } = speechArchitecture(files["config.json"], id);
  const normalise = normalisation(files, config, id), least = samplesOf(1, config);
  return {
    modality: "audio",
    inputs: [
      { name: "waveform", type: "float32", axes: ["batch", "samples"] },
      { name: "waveform_length", type: "int64", axes: ["batch"] },
    ],
    unit: hopOf(config),
    about: { sample_rate: SAMPLE_RATE },
    states({ waveform, waveform_length }) {
      const given = tf.cast(waveform_length, "float32") as tf.Tensor1D;
      const lengths = most < Infinity ? tf.minimum(given, samplesOf(most + 1, config) - 1) : given;
      const places = tf.range(0, waveform.shape[1]!);
      const own = tf.cast(tf.less(places, tf.expandDims(lengths, 1)), "float32") as tf.Tensor2D;
      const real = onlyReal(waveform as tf.Tensor2D, own);
      const heard = normalise ? normalisedTensor(real, own) : real;
      // As `padded` has it: one too short for a frame is silent at its end.
      const samples = tf.pad(heard, [[0, 0], [0, least - 1]]);
      const masks = maskTensors(tf.maximum(lengths, least), samples.shape[1]!, config);
      const { states, mask } = apply(params, { samples, ...masks }, INFERENCE);
      const present = tf.cast(tf.greater(given, 0), "float32");
      return { states, mask: tf.mul(mask, tf.expandDims(present, 1)) };
    },
    feed(rows, spare) {
      const { data, mask, counts } = sideBySide(rows, spare, { padding: NaN, make: floats });
      return {
        waveform: { data, shape: mask.shape },
        waveform_length: { data: counts, shape: [rows.length] },
      };
    },
  };
}
