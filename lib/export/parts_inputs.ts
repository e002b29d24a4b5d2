/** The inputs of one modality in an exported graph: those of an encoder inside it, or hidden states. */
import * as tf from "@tensorflow/tfjs-core";
import { dropoutKeys, type ForwardContext } from "../nn/mod.ts";
import type { Modality, Standardizer } from "../data/mod.ts";
import {
  floats,
  type GraphInputs,
  maskOf,
  type ModelEncoder,
  onlyReal,
  padRows,
  type PortTensors,
} from "../encoders/mod.ts";

export interface PartInputs extends Omit<GraphInputs, "inputsOf" | "rowOf"> {
  modality: Modality;
  /**
   * Returns the hidden states `[B,L,D]` and their mask `[B,L]`, which is all 0 for an utterance without this
   * modality.
   */
  states(ports: PortTensors): { states: tf.Tensor3D; mask: tf.Tensor2D };
}

export const INFERENCE: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/** Returns the inputs of an encoder inside the graph. */
export const encoderInputs = (
  { modality, apply, params }: Pick<ModelEncoder, "modality" | "apply" | "params">,
  { inputsOf, ...inputs }: GraphInputs,
): PartInputs => ({
  ...inputs,
  modality,
  states(ports) {
    const { present, ...own } = inputsOf(ports);
    const { states, mask } = apply(params, own, INFERENCE);
    return { states, mask: present ? tf.mul(mask, tf.expandDims(present, 1)) : mask };
  },
});

/** Returns inputs for an encoder outside the graph: hidden states `[B,L,width]` and their mask `[B,L]`. */
export function stateInputs(modality: Modality, width: number): PartInputs {
  const kind = modality === "text" ? "text" : "speech", length = `${kind}_length`;
  return {
    modality,
    ports: [
      {
        name: `${kind}_states`,
        type: "float32",
        axes: ["batch", length, width],
        meaning: `Hidden states of the ${kind} encoder, unscaled, with padding at the end.`,
      },
      {
        name: `${kind}_mask`,
        type: "int64",
        axes: ["batch", length],
        meaning: `1 for hidden states, 0 for padding; all 0 for an utterance without ${kind}.`,
      },
    ],
    unit: 1,
    about: {},
    states({ [`${kind}_states`]: states, [`${kind}_mask`]: given }) {
      const mask = maskOf(given);
      return { states: onlyReal(states as tf.Tensor3D, tf.expandDims(mask, 2)), mask };
    },
    feed(rows, spare) {
      const { data, mask, length: most } = padRows(rows, spare, { width, padding: NaN, make: floats });
      return { [`${kind}_states`]: { data, shape: [rows.length, most, width] }, [`${kind}_mask`]: mask };
    },
  };
}

/** Scales the hidden states, and masks those after the first `most` of an utterance. */
export function fitted(
  { states, mask }: ReturnType<PartInputs["states"]>,
  most: number,
  scaling?: Standardizer,
): ReturnType<PartInputs["states"]> {
  const read = tf.cast(tf.less(tf.range(0, mask.shape[1]), most), "float32");
  const scaled = scaling && tf.div(tf.sub(states, tf.tensor1d(scaling.mean)), tf.tensor1d(scaling.std));
  return { states: (scaled ?? states) as tf.Tensor3D, mask: tf.mul(mask, read) };
}
