/** Hidden states as inputs: their encoder stays outside. */
import * as tf from "@tensorflow/tfjs-core";
import type { Modality } from "../data/mod.ts";
import { floats, type Intake, maskOf, onlyReal, sideBySide } from "./intake.ts";

/** States `[B,L,width]` and their mask `[B,L]`; what stands at padding is of no meaning. */
export function statesIntake(modality: Modality, width: number): Intake {
  const kind = modality === "text" ? "text" : "speech", length = `${kind}_length`;
  return {
    modality,
    inputs: [
      { name: `${kind}_states`, type: "float32", axes: ["batch", length, width] },
      { name: `${kind}_mask`, type: "int64", axes: ["batch", length] },
    ],
    unit: 1,
    about: {},
    states({ [`${kind}_states`]: states, [`${kind}_mask`]: given }) {
      const mask = maskOf(given);
      return { states: onlyReal(states as tf.Tensor3D, tf.expandDims(mask, 2)), mask };
    },
    feed(rows, spare) {
      const { data, mask, length: most } = sideBySide(rows, spare, { width, padding: NaN, make: floats });
      return { [`${kind}_states`]: { data, shape: [rows.length, most, width] }, [`${kind}_mask`]: mask };
    },
  };
}
