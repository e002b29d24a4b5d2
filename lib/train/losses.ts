/**
 * Losses. Each is a sum over rows with a weight, so that micro-batches add up. One division at the end gives
 * the mean.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed, Scalar, Tensor, Tensor2D } from "../compute/mod.ts";
import { badInput } from "../errors.ts";
import type { TargetKind } from "../eval/mod.ts";
import { type RegisterOptions, registry, requireParts } from "../registry.ts";

export interface CrossEntropyOptions {
  /** Weight of each class `[C]`. The mean divides by the summed weights of the rows' classes. */
  classWeights?: readonly number[];
  /** Share of the target probability that is spread evenly over all classes. */
  labelSmoothing?: number;
  /**
   * Exponent of the focal factor (1 - p)^gamma on a row's loss, where p is the probability of its true class
   * (Lin et al. 2017).
   */
  focalGamma?: number;
}

/**
 * Lower bound on 1 - p in the focal factor: float32's resolution near 1. At 1 - p = 0, a gamma below 1 has an
 * infinite gradient.
 */
const LEAST_REST = 1e-7;

/** Returns a batch's target inputs for `crossEntropy`, and its weight in the mean. */
export function targetsOf(
  labels: Int32Array,
  classes: number,
  { classWeights, labelSmoothing = 0 }: CrossEntropyOptions = {},
): { inputs: Feed; weight: number } {
  const shape = [labels.length, classes];
  const truth = new Float32Array(labels.length * classes), targets = new Float32Array(truth.length);
  let weight = 0;
  labels.forEach((label, row) => {
    weight += classWeights?.[label] ?? 1;
    truth[row * classes + label] = 1;
    for (let c = 0; c < classes; c++) {
      const target = (c === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
      targets[row * classes + c] = target * (classWeights?.[c] ?? 1);
    }
  });
  return { inputs: { targets: { data: targets, shape }, truth: { data: truth, shape } }, weight };
}

/**
 * Returns the softmax cross-entropy of logits `[B,C]`, summed over the rows. Divided by the weight of
 * `targetsOf`, it equals PyTorch's mean (`cross_entropy(weight, label_smoothing)`). `targets` and `truth`
 * `[B,C]` come from `targetsOf`.
 */
export function crossEntropy(
  logits: Tensor2D,
  { targets, truth }: Record<string, Tensor>,
  focalGamma = 0,
): Scalar {
  const logP = tf.logSoftmax(logits);
  const losses = tf.neg(tf.mul(logP, targets)); // [B,C]
  if (focalGamma === 0) return tf.sum(losses);
  const p = tf.exp(tf.sum(tf.mul(logP, truth), 1, true)); // [B,1]
  const rest = tf.maximum(tf.sub(1, p), LEAST_REST);
  return tf.sum(tf.mul(losses, tf.exp(tf.mul(focalGamma, tf.log(rest)))));
}

/** The targets of a batch, as a loss reads them. */
export type LossInputs = {
  /** Target probability of each class `[B,C]`, smoothed and multiplied by the class weight. */
  targets: Tensor2D;
  /** 1 at the true class, 0 elsewhere, `[B,C]`. */
  truth: Tensor2D;
};

/** A loss by name. */
export interface Loss {
  /** The name for `--loss`. */
  id: string;
  /** One line for `--help`. */
  summary: string;
  /** The kinds of target that it supports. */
  targets: readonly TargetKind[];
  /**
   * Returns the loss of logits `[B,C]`, summed over the rows. The trainer divides by their number or weight.
   */
  apply(logits: Tensor2D, inputs: LossInputs, options: { focalGamma: number }): Scalar;
}

const losses = registry<Loss>("a loss", {
  builtIn: [{
    id: "cross_entropy",
    summary: "softmax cross-entropy, with optional label smoothing, class weights and focal factor",
    targets: ["class"],
    apply: (logits, inputs, { focalGamma }) => crossEntropy(logits, inputs, focalGamma),
  }],
});

/**
 * Registers a loss for `--loss <id>`. Throws UndertoneError if its id is taken or a part is missing.
 *
 * @example
 * ```ts
 * import { registerLoss } from "@undertone/undertone";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * registerLoss({
 *   id: "squared_error",
 *   summary: "squared distance of the probabilities to the target (Brier score)",
 *   targets: ["class"],
 *   apply: (logits, { targets }) => tf.sum(tf.squaredDifference(tf.softmax(logits), targets)),
 * });
 * ```
 */
export function registerLoss(loss: Loss, options?: RegisterOptions): void {
  requireParts("a loss", loss, ["summary", "targets", "apply"]);
  losses.add(loss, options);
}

/** Returns every loss, the default first. */
export const allLosses = (): Loss[] => losses.all();

/**
 * Returns the loss of this name. Throws bad input with the nearest name if there is none. `at` is where it
 * was given.
 */
export const lossNamed = (name: string, at = "--loss"): Loss => losses.get(name, at);

/** Applies a loss to logits `[B,C]`. Throws UndertoneError if it returns more than one number. */
export function applyLoss(loss: Loss, ...args: Parameters<Loss["apply"]>): Scalar {
  const value = loss.apply(...args);
  if (value.rank === 0) return value;
  throw badInput({
    expected: "one number, summed over the rows,",
    found: `a tensor of shape [${value.shape}]`,
    at: `the loss '${loss.id}'`,
    todo: "End it with tf.sum(…).",
  });
}

export type ClassWeighting = "none" | "balanced" | "sqrt";

/**
 * Returns class weights from the number of training rows of each class. They average 1 over these rows.
 * `balanced` is n / (C n_c), as in scikit-learn, where C counts the classes that occur. `sqrt` is
 * proportional to 1 / sqrt(n_c). A class without rows gets 0.
 */
export function classWeights(scheme: ClassWeighting, counts: readonly number[]): number[] | undefined {
  if (scheme === "none") return undefined;
  const exponent = scheme === "balanced" ? 1 : 0.5;
  const inverse = counts.map((count) => count > 0 ? count ** -exponent : 0);
  const rows = counts.reduce((a, b) => a + b, 0);
  const weighed = counts.reduce((total, count, c) => total + count * inverse[c], 0);
  return inverse.map((value) => value * rows / weighed);
}
