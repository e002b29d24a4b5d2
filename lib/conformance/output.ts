import * as tf from "@tensorflow/tfjs-core";
import { type Question, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { count } from "../errors.ts";
import { wrongName } from "../fusion/mod.ts";
import { forward, withParams } from "./head.ts";
import { batchOf, randomRows } from "./rows.ts";

/**
 * Checks that parameters are finite float32 variables, and that logits are `[B,C]` for any number of rows and
 * classes.
 */
export const output: Question = async (head) => {
  let size = 0;
  for (const [rows, classes] of [[1, 2], [2, 5], [4, 3]]) {
    const fault = await withParams(head, { ...SIZES, classes }, async (params) => {
      const wrong = wrongName(Object.keys(params));
      if (wrong) return `init returns ${wrong}.`;
      for (const [name, value] of Object.entries(params)) {
        if (!(value instanceof tf.Variable)) {
          return `init returns ${name}, which is not a variable: use tf.variable.`;
        }
        if (value.dtype !== "float32") return `init returns ${name} as ${value.dtype}, not float32.`;
        if (!(await value.data()).every(Number.isFinite)) return `init returns ${name} with NaN or infinity.`;
      }
      size = Object.values(params).reduce((sum, param) => sum + param.size, 0);
      const input = batchOf(randomRows(1, WHOLE.slice(0, rows), WIDTHS), WIDTHS);
      const made = forward(head, params, input);
      const { shape, dtype } = made.logits;
      tf.dispose([made, Object.values(input)]);
      if (shape.join() === `${rows},${classes}` && dtype === "float32") return undefined;
      return `The logits of ${
        count(rows, "row")
      } and ${classes} classes are ${dtype} [${shape}], not float32 [${rows},${classes}].`;
    });
    if (fault) return { figure: "invalid parameters or logits", fault };
  }
  return { figure: `logits [B,C], ${size} parameters for states of width ${SIZES.text} and ${SIZES.audio}` };
};
