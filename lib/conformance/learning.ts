import * as tf from "@tensorflow/tfjs-core";
import { currentEngine } from "../compute/mod.ts";
import { applyMethod } from "../fusion/mod.ts";
import { dropoutKeys } from "../nn/mod.ts";
import { random } from "../random.ts";
import { type Question, SIZES, WIDTHS } from "./check.ts";
import { crossEntropy, type Head, withParams } from "./head.ts";
import { batchOf, type Row } from "./rows.ts";

const ROWS = 12, STEPS = 30, RATE = 0.01;

/** The last loss must fall below this share of the first. */
const SHARE = 0.7;

const labels = Array.from({ length: ROWS }, (_, i) => i % SIZES.classes);

/** Returns utterances whose states lie around a centre of their class, in both modalities. */
function separable(): Row[] {
  const { normal, integer } = random(11);
  const centres = WIDTHS.map((width) =>
    Array.from({ length: SIZES.classes }, () => Array.from({ length: width }, normal))
  );
  const states = ([centre]: number[][]) =>
    Array.from({ length: 1 + integer(5) }, () => centre.map((value) => value + 0.3 * normal()));
  return labels.map((label) => ({ text: states([centres[0][label]]), audio: states([centres[1][label]]) }));
}

/** Checks that training lowers the loss on separable classes. */
export const learning: Question = (head: Head) =>
  withParams(head, SIZES, async (params) => {
    const input = batchOf(separable(), WIDTHS), { method, options } = head;
    const lossIn = (training: boolean, step = 0) =>
      crossEntropy(
        applyMethod(method, params, input, options, { training, dropout: dropoutKeys(1, step) }).logits,
        labels,
      );
    const measured = () => tf.tidy(() => lossIn(false)).data().then(([loss]) => loss);
    const optimizer = tf.train.adam(RATE), before = await measured();
    for (let step = 0; step < STEPS; step++) {
      optimizer.minimize(() => lossIn(true, step), false, Object.values(params));
      currentEngine().flush();
    }
    const after = await measured();
    optimizer.dispose();
    tf.dispose(Object.values(input));
    const figure = `loss ${before.toFixed(3)} to ${after.toFixed(3)} in ${STEPS} steps`;
    if (after < SHARE * before) return { figure };
    return {
      figure,
      fault:
        `On ${ROWS} utterances with separable classes, the loss must fall below ${SHARE} of the first. ` +
        "Check that the parameters affect the logits and that their initial values differ.",
    };
  });
