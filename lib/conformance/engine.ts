/** Checks a head on the ONNX engine: its kernels, and whether its steps can be captured. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, type Feed } from "../compute/mod.ts";
import { applyMethod, type FusionInput } from "../fusion/mod.ts";
import { capture, type ForwardContext, type Params } from "../nn/mod.ts";
import { figure, off, type Question, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { forward, gradients, type Head, named, training, withParams } from "./head.ts";
import { batchOf, feedOf, randomRows } from "./rows.ts";

const LABELS = WHOLE.map((_, i) => i % SIZES.classes);
const BOUND = 1e-5;

/** Checks that every operation of the outputs and gradients has an ONNX operator. */
export const kernels: Question = (head) =>
  withParams(head, SIZES, async (params) => {
    const { stats, resetStats } = currentEngine();
    resetStats();
    const input = batchOf(randomRows(3, WHOLE, WIDTHS), WIDTHS);
    const tensors = [
      forward(head, params, input),
      ...[undefined, training(1)].map((context) => named(gradients(head, params, input, LABELS, context))),
    ];
    for (const tensor of leaves(tensors)) await tensor.data();
    tf.dispose([tensors, Object.values(input)]);
    const { fallbacks, graphsUsingHost, nodes } = stats(), names = Object.keys(fallbacks);
    if (names.length === 0 && graphsUsingHost === 0) {
      return { figure: `${nodes} operations, none on the host` };
    }
    if (names.length === 0) {
      return {
        figure: `${graphsUsingHost} graphs`,
        fault: "The device lacks some operators; they run on the CPU instead.",
      };
    }
    return {
      figure: Object.entries(fallbacks).map(([name, count]) => `${name} x ${count}`).join(", "),
      fault:
        `${names.join(", ")} ${names.length > 1 ? "have" : "has"} no ONNX operator here: the host computes ` +
        "it in each step, which is slow, and the model can't be exported. Compose it from other operations.",
    };
  });

const leaves = (made: object): tf.Tensor[] =>
  Object.values(made).flatMap((each) => each instanceof tf.Tensor ? [each] : each ? leaves(each) : []);

/** Returns a training step of the head: the loss, and its gradient for every parameter. */
const stepOf =
  ({ method, options }: Head, params: Params) =>
  (inputs: Record<string, tf.Tensor>, context: ForwardContext): tf.NamedTensorMap => {
    const { target, ...input } = inputs;
    const { value, grads } = tf.variableGrads(() => {
      const { logits } = applyMethod(method, params, input as unknown as FusionInput, options, context);
      return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1))) as tf.Scalar;
    }, Object.values(params));
    return { ...grads, loss: value };
  };

/**
 * Checks that a captured training step gives the same numbers as a called one. If it is not captured, says
 * why.
 */
export const captured: Question = (head) =>
  withParams(head, SIZES, async (params) => {
    const step = stepOf(head, params), replayed = capture(step, params);
    let worst = 0;
    try {
      for (let call = 0; call < 4; call++) {
        const feed = { ...feedOf(randomRows(call, WHOLE, WIDTHS), WIDTHS, 0, call), target: oneHot(call) };
        const outputs = await replayed.run(feed, training(call));
        const reason = replayed.reason();
        if (reason) return { figure: `not captured, so each step is slower: ${reason}` };
        const called = tf.tidy(() => step(tensorsOf(feed), training(call)));
        for (const name in called) {
          worst = Math.max(worst, off(Array.from(outputs[name]), Array.from(await called[name].data())));
        }
        tf.dispose(called);
      }
    } finally {
      replayed.dispose();
    }
    const measured = `after 2 calls; ${figure(worst)} off at most (bound ${figure(BOUND)})`;
    if (worst <= BOUND) return { figure: measured };
    return {
      figure: measured,
      fault:
        "A captured step gives different numbers than a called one: besides params, input and context, " +
        "apply reads something that changes between steps.",
    };
  });

const tensorsOf = (feed: Feed): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(feed).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );

/** Returns one-hot classes `[B,C]` of the rows; they differ from call to call. */
const oneHot = (call: number) => ({
  data: Float32Array.from(
    WHOLE.flatMap((_, i) =>
      Array.from({ length: SIZES.classes }, (_, c) => Number((i + call) % SIZES.classes === c))
    ),
  ),
  shape: [WHOLE.length, SIZES.classes],
});
