/**
 * Losses. Each is a sum over rows with a weight, so that micro-batches add up. One division at the end gives
 * the mean.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed, Scalar, Tensor, Tensor2D } from "../compute/mod.ts";
import { badInput } from "../errors.ts";
import { classesOf, type TargetKind, vectorsOf } from "../eval/mod.ts";
import { type RegisterOptions, registry, requireParts } from "../registry.ts";
import type { Target } from "../target.ts";

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

/**
 * Returns a batch's target inputs for any loss, and its weight in the mean. Of vectors `[B,C]`, `truth` is
 * the target itself. `targets` of a distribution are smoothed and multiplied by the class weights, as in
 * PyTorch's `cross_entropy` with probabilities, whose mean divides by the number of rows.
 */
export function lossInputs(
  targets: readonly Target[],
  kind: TargetKind,
  classes: number,
  options: CrossEntropyOptions = {},
): { inputs: Feed; weight: number } {
  if (kind === "class") return targetsOf(Int32Array.from(classesOf(targets)), classes, options);
  const { classWeights, labelSmoothing = 0 } = kind === "distribution" ? options : {};
  const shape = [targets.length, classes], truth = Float32Array.from(vectorsOf(targets, kind).flat());
  const weighted = truth.map((t, i) =>
    (t * (1 - labelSmoothing) + labelSmoothing / classes) * (classWeights?.[i % classes] ?? 1)
  );
  return {
    inputs: { targets: { data: weighted, shape }, truth: { data: truth, shape } },
    weight: targets.length,
  };
}

/**
 * Returns the target inputs of rows that are mixed with others: share · own + (1 - share) · other, and so for
 * the weight. A loss that is linear in its targets then is the same mixture of the two losses (Zhang et al.
 * 2018).
 */
export function mixedLossInputs(
  pairs: readonly { own: Target; other: Target; share: number }[],
  kind: TargetKind,
  classes: number,
  options: CrossEntropyOptions = {},
): { inputs: Feed; weight: number } {
  const shape = [pairs.length, classes];
  const targets = new Float32Array(pairs.length * classes), truth = new Float32Array(targets.length);
  let weight = 0;
  pairs.forEach(({ own, other, share }, row) => {
    for (const [target, part] of [[own, share], [other, 1 - share]] as const) {
      const alone = lossInputs([target], kind, classes, options);
      weight += part * alone.weight;
      for (let c = 0; c < classes; c++) {
        targets[row * classes + c] += part * alone.inputs.targets.data[c];
        truth[row * classes + c] += part * alone.inputs.truth.data[c];
      }
    }
  });
  return { inputs: { targets: { data: targets, shape }, truth: { data: truth, shape } }, weight };
}

/**
 * Returns the binary cross-entropy of logits `[B,C]`: the mean over the labels, summed over the rows.
 * softplus(x) - t x is finite for every logit.
 */
export const binaryCrossEntropy = (logits: Tensor2D, { targets }: LossInputs): Scalar =>
  sumOfRowMeans(tf.sub(tf.softplus(logits), tf.mul(targets, logits)));

/** Returns the squared error of values `[B,C]`: the mean over the dimensions, summed over the rows. */
export const meanSquaredError = (values: Tensor2D, { targets }: LossInputs): Scalar =>
  sumOfRowMeans(tf.squaredDifference(values, targets));

/** Added to a concordance's denominator, so that it is not 0 where nothing varies. */
const LEAST_SPREAD = 1e-8;

/**
 * Returns 1 - CCC (Lin 1989) of values `[B,C]` within the batch: the mean over the dimensions, times the
 * number of rows. CCC = 2 cov / (var x + var y + (mean x - mean y)^2), with variances divided by B. It is not
 * a sum over rows: larger batches estimate it better, and of a single row it has no gradient.
 */
export function concordanceLoss(values: Tensor2D, { targets }: LossInputs): Scalar {
  const [x, y] = [targets, values].map((rows) => {
    const mean = tf.mean(rows, 0, true); // [1,C]
    return { mean, off: tf.sub(rows, mean) };
  });
  const covariance = tf.mean(tf.mul(x.off, y.off), 0);
  const variance = (off: Tensor) => tf.mean(tf.square(off), 0);
  const apart = tf.reshape(tf.squaredDifference(x.mean, y.mean), [-1]);
  const spread = tf.add(tf.add(variance(x.off), variance(y.off)), apart);
  const ccc = tf.div(tf.mul(covariance, 2), tf.add(spread, LEAST_SPREAD));
  return tf.mul(tf.sub(1, tf.mean(ccc)), values.shape[0]) as Scalar;
}

const sumOfRowMeans = (errors: Tensor): Scalar => tf.div(tf.sum(errors), errors.shape[1]!) as Scalar;

/** The targets of a batch, as a loss reads them. */
export type LossInputs = {
  /**
   * What the model should answer `[B,C]`: the probability of each class, smoothed and multiplied by the class
   * weight; 0 or 1 for each label; or the continuous values.
   */
  targets: Tensor2D;
  /**
   * The same without smoothing and weights; of a class, 1 at the true one and 0 elsewhere, or the shares of
   * two rows that are mixed.
   */
  truth: Tensor2D;
};

/** Stands for the default of a kind of target in `--loss` and `--select`. */
export const AUTO = "auto";

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
    targets: ["class", "distribution"],
    apply: (logits, inputs, { focalGamma }) => crossEntropy(logits, inputs, focalGamma),
  }, {
    id: "binary_cross_entropy",
    summary: "sigmoid cross-entropy of each label, for several labels at once",
    targets: ["labels"],
    apply: binaryCrossEntropy,
  }, {
    id: "mse",
    summary: "mean squared error, for continuous values",
    targets: ["values"],
    apply: meanSquaredError,
  }, {
    id: "ccc",
    summary: "1 - concordance correlation (Lin 1989) within each batch, for continuous values",
    targets: ["values"],
    apply: concordanceLoss,
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
  if (loss.id === AUTO) {
    throw badInput({
      expected: "a loss with an id of its own",
      found: `'${AUTO}', which stands for the default loss`,
      at: "its registration",
      todo: "Choose another id.",
    });
  }
  losses.add(loss, options);
}

/** Returns every loss. The first that fits a kind of target is its default. */
export const allLosses = (): Loss[] => losses.all();

/** Returns the default loss of a kind of target. */
export const defaultLoss = (kind: TargetKind): Loss =>
  losses.entries.find(({ targets }) => targets.includes(kind))!;

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
