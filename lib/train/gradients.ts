/** Gradients of a step as plain numbers, summed over its batches. */
import * as tf from "@tensorflow/tfjs-core";
import { type Feed, gradientsOf } from "../compute/mod.ts";
import { capture, type ForwardContext, type Params } from "../nn/mod.ts";

/** A batch as a step sees it. */
export interface BatchFeed {
  inputs: Feed;
  /** What its loss counts in the mean. */
  weight: number;
}

/** Summed loss of a batch: of its inputs, the parameters and the context, and of nothing else that changes. */
export type LossOf = (inputs: Record<string, tf.Tensor>, context: ForwardContext) => tf.Scalar;

/** Sums over the rows of a step; divide by `weight` for means. */
export interface StepGradients {
  /** By parameter name; parameters that took no part are absent. Valid until the next step. */
  gradients: Map<string, Float32Array>;
  loss: number;
  weight: number;
}

/** A batch of a step, made when its turn comes, and the context of its forward pass. */
export interface MicroBatch {
  feed(): BatchFeed | Promise<BatchFeed>;
  context: ForwardContext;
}

export interface GradientStep {
  /** One batch after the other, so that only one of them and its forward pass are in memory. */
  run(batches: readonly MicroBatch[]): Promise<StepGradients>;
  dispose(): void;
}

/** Names of a step's outputs. */
const LOSS = "loss";
const whole = (name: string) => `gradient of ${name}`;
const rowsOf = (name: string) => `gradient of rows of ${name}`;
const idsOf = (name: string) => `rows of ${name}`;

/**
 * Gradients of `loss` by the parameters `training`, written to the arrays `into` by their names, which are zero before the
 * first step. `params` are all that the loss reads, frozen ones too.
 */
export function gradientStep(
  loss: LossOf,
  { params, training, into }: { params: Params; training: Params; into: Record<string, Float32Array> },
): GradientStep {
  const names = Object.keys(training), variables = Object.values(training);
  const captured = capture((inputs, context) => {
    const { value, gradients, lookups } = gradientsOf(() => loss(inputs, context), variables);
    const outputs: tf.NamedTensorMap = { [LOSS]: value };
    gradients.forEach((gradient, i) => gradient && (outputs[whole(names[i])] = gradient));
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
  /** Rows that are not zero, of gradients that come by rows alone. */
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
      const gradients = new Map<string, Float32Array>(), single = batches.length === 1;
      let sum = 0, weight = 0;
      for (const { feed, context } of batches) {
        const batch = await feed();
        const outputs = await captured.run(batch.inputs, context, single ? targets : {});
        sum += outputs[LOSS][0];
        weight += batch.weight;
        for (const name of names) {
          const values = outputs[whole(name)], rows = outputs[rowsOf(name)];
          if (!values && !rows) continue;
          if (values && !single) accumulate(into[name], values, gradients.has(name));
          if (rows) {
            const ids = outputs[idsOf(name)] as unknown as Int32Array;
            addRows(into[name], ids, rows, widthOf(params[name]));
            if (!values) filled.set(name, [...filled.get(name) ?? [], ids.slice()]);
          }
          gradients.set(name, into[name]);
        }
      }
      return { gradients, loss: sum, weight };
    },
    dispose() {
      clear();
      captured.dispose();
    },
  };
}

const widthOf = (table: tf.Variable): number => table.size / table.shape[0];

/** Some lookups as one: `[...]` each to `[N]`, or with what a row is to `[N,...]`. */
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

const clearRows = (sum: Float32Array, ids: Int32Array, width: number): void =>
  ids.forEach((id) => sum.fill(0, id * width, (id + 1) * width));
