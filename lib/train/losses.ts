/** Losses as a sum over rows and the weight of these rows, so that batches add up: the mean is one division at the end. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed, Scalar, Tensor, Tensor2D } from "../compute/mod.ts";
import { badInput } from "../errors.ts";
import type { TargetKind } from "../eval/mod.ts";
import { type RegisterOptions, registry } from "../registry.ts";

export interface CrossEntropyOptions {
  /** Weight of each class `[C]`; the mean divides by the weights of the rows' classes. */
  classWeights?: readonly number[];
  /** Share of the target that is spread evenly over all classes. */
  labelSmoothing?: number;
  /** Exponent of the focal factor (1 - p)^gamma on a row's loss, p of its true class (Lin et al. 2017). */
  focalGamma?: number;
}

/** Least 1 - p that the focal factor sees: float32's resolution near 1, where a gamma below 1 has no finite gradient. */
const LEAST_REST = 1e-7;

/** What the rows of a batch should have been: a batch's inputs to `crossEntropy`, and what it counts in the mean. */
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
 * Softmax cross-entropy of logits `[B,C]`, summed over the rows; by the weight that `targetsOf` gives, it is PyTorch's mean
 * (`cross_entropy(weight, label_smoothing)`). `targets` and `truth` `[B,C]` are of `targetsOf`.
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

/** A batch's truth as a loss reads it. */
export type LossInputs = {
  /** What each class should have got, `[B,C]`: smoothed, and times the weight of the class. */
  targets: Tensor2D;
  /** 1 at the true class, else 0, `[B,C]`. */
  truth: Tensor2D;
};

/** A loss by name. */
export interface Loss {
  /** Its name for `--loss`. */
  id: string;
  /** One line for `--help`. */
  summary: string;
  /** The kinds of target that it can teach. */
  targets: readonly TargetKind[];
  /** Loss of logits `[B,C]`, summed over the rows: the trainer divides by their number or weight. */
  apply(logits: Tensor2D, inputs: LossInputs, options: { focalGamma: number }): Scalar;
}

const losses = registry<Loss>("a loss", {
  builtIn: [{
    id: "cross_entropy",
    summary:
      "softmax cross-entropy, with label smoothing, class weights and the focal factor where asked for",
    targets: ["class"],
    apply: (logits, inputs, { focalGamma }) => crossEntropy(logits, inputs, focalGamma),
  }],
});

/**
 * Adds a loss, which `--loss <id>` then names. Throws UndertoneError if its id is taken or a part is missing.
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
  const missing = (["summary", "targets", "apply"] as const).filter((part) => !loss[part]);
  if (missing.length) {
    throw badInput({
      expected: "a loss with id, summary, targets and apply",
      found: `none of its own for ${missing.join(", ")}`,
      at: `the registration of '${loss.id}'`,
      todo: `Add ${missing.join(", ")}.`,
    });
  }
  losses.add(loss, options);
}

/** Every loss, the default first. */
export const allLosses = (): Loss[] => losses.all();

/** The loss of this name. Throws UndertoneError with the nearest name; `at` is where it was given. */
export const lossNamed = (name: string, at = "--loss"): Loss => losses.get(name, at);

export type ClassWeighting = "none" | "balanced" | "sqrt";

/**
 * Class weights from the training rows of each class, 1 on average over these rows: `balanced` is n / (C n_c)
 * (scikit-learn; C counts the classes that occur), `sqrt` goes with 1 / sqrt(n_c). A class without rows gets 0.
 */
export function classWeights(scheme: ClassWeighting, counts: readonly number[]): number[] | undefined {
  if (scheme === "none") return undefined;
  const exponent = scheme === "balanced" ? 1 : 0.5;
  const inverse = counts.map((count) => count > 0 ? count ** -exponent : 0);
  const rows = counts.reduce((a, b) => a + b, 0);
  const weighed = counts.reduce((total, count, c) => total + count * inverse[c], 0);
  return inverse.map((value) => value * rows / weighed);
}
