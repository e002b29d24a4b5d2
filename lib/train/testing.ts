/** The reference training of trainer.json, which PyTorch computed: a model of two layers, and its options. */
import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../compute/mod.ts";
import { dropout, type Params } from "../nn/mod.ts";
import { jsonFixture } from "../testing/shared.ts";
import { crossEntropy, targetsOf } from "./losses.ts";
import { adamW } from "./optimizer.ts";
import type { Problem, TrainOptions } from "./trainer.ts";

export interface Batch {
  x: number[][];
  labels: number[];
}

export const reference = jsonFixture("trainer.json");
/** Its micro-batches, in order. */
export const batches = reference.batches as Batch[];

/** Returns the parameters at the start, on the current engine. */
export const freshParams = (): Params =>
  Object.fromEntries(
    Object.entries(reference.initial as Record<string, number[] | number[][]>)
      .map(([name, values]) => [name, tf.variable(tf.tensor(values))]),
  );

interface ProblemOptions {
  /** Dropout behind the first layer. */
  rate?: number;
  /** Factor on the inputs. */
  factor?: number;
  /** Returns the dev metrics; by default, a count of evaluations. */
  metrics?(evaluation: number): Record<string, number | null>;
}

/** Two layers on the reference's batches. */
export function problemOf(
  params: Params,
  { rate = 0, factor = 1, metrics = (evaluation) => ({ score: evaluation }) }: ProblemOptions = {},
): Problem<Batch> {
  let evaluations = 0;
  return {
    params,
    batches: () => batches,
    rows: ({ labels }) => labels.length,
    feed({ x, labels }) {
      const { inputs, weight } = targetsOf(Int32Array.from(labels), 3, reference.loss);
      const states = Float32Array.from(x.flat(), (value) => value * factor);
      return { inputs: { states: { data: states, shape: [x.length, x[0].length] }, ...inputs }, weight };
    },
    loss(inputs, context) {
      const layer = (name: string, input: tf.Tensor) =>
        linear(
          input,
          params[`${name}.weight`] as unknown as tf.Tensor2D,
          params[`${name}.bias`] as unknown as tf.Tensor1D,
        );
      const hidden = dropout(tf.tanh(layer("body", inputs.states)), rate, context);
      return crossEntropy(layer("head", hidden) as tf.Tensor2D, inputs, reference.loss.focalGamma);
    },
    evaluate: () => Promise.resolve(metrics(evaluations++)),
  };
}

const { lr_body, lr_head, weight_decay, clip_grad_norm } = reference.optimizer;

/** The options of the reference. */
export const referenceOptions: TrainOptions = {
  epochs: reference.epochs,
  accumulate: reference.accumulation,
  optimizer: adamW(),
  groups: [
    { prefix: "", lr: lr_body, weightDecay: weight_decay },
    { prefix: "head", lr: lr_head, weightDecay: weight_decay },
  ],
  schedule: "linear",
  warmup: reference.schedule.warmup_share,
  clip: clip_grad_norm,
  freeze: reference.plan,
  select: "score",
  higherIsBetter: true,
  patience: 0,
  seed: 5,
};
