/** Checks that the seed fixes initial parameters, that the keys fix dropout, and that no tensors leak. */
import * as tf from "@tensorflow/tfjs-core";
import { disposeParams, type ForwardContext } from "../nn/mod.ts";
import { logitsOf, type Question, SIZES, WHOLE, WIDTHS } from "./check.ts";
import { forward, gradients, type Head, named, training, withParams } from "./head.ts";
import { batchOf, randomRows } from "./rows.ts";

/** Returns initial parameters as numbers. */
async function initial({ method, options }: Head, seed: number): Promise<Record<string, number[]>> {
  const params = method.init(options, SIZES, seed), numbers: Record<string, number[]> = {};
  for (const name in params) numbers[name] = Array.from(await params[name].data());
  disposeParams(params);
  return numbers;
}

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

/**
 * Checks that equal seeds give equal parameters and that another seed gives others; constants may stay the
 * same.
 */
export const seed: Question = async (head) => {
  const [one, again, other] = [await initial(head, 1), await initial(head, 1), await initial(head, 2)];
  const names = Object.keys(one), drawn = names.filter((name) => new Set(one[name]).size > 1);
  const figure = `${drawn.length} of ${names.length} parameters drawn from the seed`;
  const unrepeatable = names.find((name) => !again[name] || !same(one[name], again[name]));
  if (unrepeatable) {
    return {
      figure,
      fault: `${unrepeatable} differs between two inits with the same seed: draw from the seed only, ` +
        "not from Math.random.",
    };
  }
  const unseeded = drawn.find((name) => other[name] && same(one[name], other[name]));
  if (!unseeded) return { figure };
  return {
    figure,
    fault: `${unseeded} is the same with seed 1 and seed 2: init must use the seed that it gets.`,
  };
};

/** Checks that nothing is random outside training, and that equal keys give equal answers in training. */
export const dropout: Question = (head) =>
  withParams(head, SIZES, async (params) => {
    const input = batchOf(randomRows(3, WHOLE, WIDTHS), WIDTHS);
    const logits = async (context: ForwardContext) =>
      (await logitsOf(() => forward(head, params, input, context))).flat();
    let asked = 0;
    const { next } = training(1).dropout;
    const counting = { training: false, dropout: { next: () => (asked++, next()) } };
    const [still, stillAgain] = [await logits(counting), await logits(counting)];
    const [one, again, other] = [
      await logits(training(1)),
      await logits(training(1)),
      await logits(training(2)),
    ];
    tf.dispose(Object.values(input));
    const drops = !same(one, other);
    const figure = drops ? "in training only, equal for equal keys" : "no dropout in training";
    if (asked > 0) {
      return {
        figure: "outside training",
        fault: "A mask is drawn outside training: pass on the context unchanged.",
      };
    }
    if (!same(still, stillAgain)) {
      return {
        figure: "not repeatable",
        fault: "Two passes outside training differ: something in apply is random.",
      };
    }
    if (!same(one, again)) {
      return {
        figure: "not repeatable",
        fault:
          "Two passes in training with the same dropout keys differ: draw from the context (dropout or " +
          "randomTensor of nn), not from Math.random.",
      };
    }
    return { figure };
  });

/** Checks that init, outputs and gradients leave no tensors or buffers behind, except the parameters. */
export const leaks: Question = (head) => {
  const input = batchOf(randomRows(3, WHOLE, WIDTHS), WIDTHS);
  const live = () => ({ tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers });
  const start = live();
  const params = head.method.init(head.options, SIZES, 1), made = live();
  const count = Object.keys(params).length;
  tf.dispose(forward(head, params, input, training(1)));
  tf.dispose(named(gradients(head, params, input, WHOLE.map((_, i) => i % 3), training(1))));
  const end = live();
  disposeParams(params);
  tf.dispose(Object.values(input));
  const byInit = made.tensors - start.tensors - count, byApply = end.tensors - made.tensors;
  const figure = `${byInit} tensors by init, ${byApply} by apply`;
  if (byInit === 0 && byApply === 0 && end.buffers === made.buffers) return { figure };
  const where = byInit === 0 ? "apply" : "init";
  return {
    figure,
    fault: `${where} leaves tensors behind that nobody disposes: ` +
      (where === "init" ? "wrap what it computes in tf.tidy." : "leave out tf.keep and tf.variable there."),
  };
};
