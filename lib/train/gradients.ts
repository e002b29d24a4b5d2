/** Computes the gradients of a step as plain numbers, summed over its batches. */
import * as tf from "@tensorflow/tfjs-core";
import { type Feed, gradientsOf, type Within } from "../compute/mod.ts";
import { capture, type ForwardContext, type Params } from "../nn/mod.ts";

/** The inputs and weight of one batch. */
export interface BatchFeed {
  inputs: Feed;
  /** Weight of the batch in the mean loss. */
  weight: number;
}

/**
 * Returns the summed loss of a batch. It may depend only on the inputs, the parameters and the context,
 * because a captured step is replayed.
 */
export type LossOf = (inputs: Record<string, tf.Tensor>, context: ForwardContext) => tf.Scalar;

/** Sums over the rows of a step; divide by `weight` for means. */
export interface StepGradients {
  /**
   * Gradients by parameter name, valid until the next step. Parameters that did not affect the loss are
   * absent.
   */
  gradients: Map<string, Float32Array>;
  /**
   * Ascending rows of the gradients that only embedding lookups contribute to. All their other rows are zero.
   */
  rows: Map<string, Int32Array>;
  /** Sums of squares of those gradients for which the graph computed them. */
  squares: Map<string, number>;
  loss: number;
  weight: number;
}

/** One batch of a step, built when it is needed, and the context of its forward pass. */
export interface MicroBatch {
  feed(): BatchFeed | Promise<BatchFeed>;
  context: ForwardContext;
}

export interface GradientStep {
  /** Runs the batches one by one, so that memory holds only one batch and its forward pass. */
  run(batches: readonly MicroBatch[]): Promise<StepGradients>;
  dispose(): void;
}

/** Names of a step's outputs. */
const LOSS = "loss";
const whole = (name: string) => `gradient of ${name}`;
const rowsOf = (name: string) => `gradient of rows of ${name}`;
const idsOf = (name: string) => `rows of ${name}`;
const squaresOf = (name: string) => `squares of ${name}`;

/** Numbers of a gradient from which on the graph sums its squares, on all its threads. */
const LARGE = 2 ** 16;
/** Parts of a gradient whose squares are summed each by itself, in float32. */
const PARTS = 64;

/**
 * Returns a step that computes the gradients of `loss` with respect to the parameters `training`. It writes
 * them to the arrays `into`, by name, which must be zero before the first step. `params` holds every
 * parameter that the loss reads, including frozen ones. The passes run within `within`.
 */
export function gradientStep(
  loss: LossOf,
  { params, training, into, within = (record) => record() }: {
    params: Params;
    training: Params;
    into: Record<string, Float32Array>;
    within?: Within;
  },
): GradientStep {
  const names = Object.keys(training), variables = Object.values(training);
  const captured = capture((inputs, context) => {
    const { value, gradients, lookups } = within(() => gradientsOf(() => loss(inputs, context), variables));
    const outputs: tf.NamedTensorMap = { [LOSS]: value };
    for (const [i, gradient] of gradients.entries()) {
      if (!gradient) continue;
      outputs[whole(names[i])] = gradient;
      if (gradient.size < LARGE || gradient.size % PARTS > 0) continue;
      const parts = tf.reshape(gradient, [PARTS, 1, gradient.size / PARTS]);
      outputs[squaresOf(names[i])] = tf.matMul(parts, parts, false, true);
    }
    for (const [i, name] of names.entries()) {
      const own = lookups.filter(({ variable, gradient }) => variable === i && gradient);
      if (!own.length) continue;
      outputs[idsOf(name)] = joined(own.map(({ ids }) => ids), []);
      outputs[rowsOf(name)] = joined(own.map(({ gradient }) => gradient), variables[i].shape.slice(1));
    }
    tf.dispose(lookups.map(({ ids }) => ids));
    return outputs;
  }, params);
  const targets = Object.fromEntries(Object.entries(into).map(([name, array]) => [whole(name), array]));
  /** Ids of the non-zero rows, for gradients that only embedding lookups contribute to. */
  const filled = new Map<string, Int32Array[]>();

  const clear = () => {
    for (const [name, lists] of filled) {
      for (const ids of lists) clearRows(into[name], ids, widthOf(params[name]));
    }
    filled.clear();
  };

  return {
    async run(batches) {
      clear();
      const gradients = new Map<string, Float32Array>(), squares = new Map<string, number>();
      const single = batches.length === 1;
      const dense = new Set<string>();
      let sum = 0, weight = 0;
      for (const { feed, context } of batches) {
        const batch = await feed();
        const outputs = await captured.run(batch.inputs, context, single ? targets : {});
        sum += outputs[LOSS][0];
        weight += batch.weight;
        for (const name of names) {
          const values = outputs[whole(name)], rows = outputs[rowsOf(name)];
          if (!values && !rows) continue;
          if (values) dense.add(name);
          if (values && !single) accumulate(into[name], values, gradients.has(name));
          if (rows) {
            const ids = outputs[idsOf(name)] as unknown as Int32Array;
            addRows(into[name], ids, rows, widthOf(params[name]));
            if (!values) filled.set(name, [...filled.get(name) ?? [], ids.slice()]);
          }
          const sums = outputs[squaresOf(name)], all = sums && single && !rows ? total(sums) : 0;
          if (all > 0 && all < Infinity) squares.set(name, all); // others are summed in double precision
          gradients.set(name, into[name]);
        }
      }
      const sparse = [...filled].filter(([name]) => !dense.has(name));
      const rows = new Map(sparse.map(([name, lists]) => [name, ascending(lists)]));
      return { gradients, rows, squares, loss: sum, weight };
    },
    dispose() {
      clear();
      captured.dispose();
    },
  };
}

/** Returns the numbers of one row of a table. */
export const widthOf = ({ size, shape }: tf.Tensor): number => size / shape[0];

/** Concatenates lookups: ids of any shape to `[N]`, or rows of the shape `row` to `[N, ...row]`. */
const joined = (parts: tf.Tensor[], row: number[]): tf.Tensor =>
  tf.concat(parts.map((part) => tf.reshape(part, [-1, ...row])));

function accumulate(sum: Float32Array, values: Float32Array, begun: boolean): void {
  if (!begun) sum.set(values);
  else for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}

function addRows(sum: Float32Array, ids: Int32Array, rows: Float32Array, width: number): void {
  ids.forEach((id, row) => {
    const to = id * width, from = row * width;
    for (let i = 0; i < width; i++) sum[to + i] += rows[from + i];
  });
}

const total = (numbers: Float32Array): number => numbers.reduce((sum, number) => sum + number, 0);

const ascending = (lists: readonly Int32Array[]): Int32Array =>
  Int32Array.from(new Set(lists.flatMap((ids) => [...ids]))).sort();

const clearRows = (sum: Float32Array, ids: Int32Array, width: number): void =>
  ids.forEach((id) => sum.fill(0, id * width, (id + 1) * width));
