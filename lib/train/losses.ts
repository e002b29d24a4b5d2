/** Losses as a sum over rows and the weight of these rows, so that batches add up: the mean is one division at the end. */
import * as tf from "@tensorflow/tfjs-core";

/** Sum over the rows of a batch, and what to divide the sums of all batches of a step by. */
export interface Loss {
  sum: tf.Scalar;
  weight: number;
}

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

/**
 * Softmax cross-entropy of logits `[B,C]` with class indices `[B]`; `sum / weight` is PyTorch's mean
 * (`cross_entropy(weight, label_smoothing)`).
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: Int32Array,
  { classWeights, labelSmoothing = 0, focalGamma = 0 }: CrossEntropyOptions = {},
): Loss {
  const [rows, classes] = logits.shape;
  const truth = new Float32Array(rows * classes);
  const negativeTargets = new Float32Array(rows * classes);
  let weight = 0;
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    weight += classWeights?.[label] ?? 1;
    truth[row * classes + label] = 1;
    for (let c = 0; c < classes; c++) {
      const target = (c === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
      negativeTargets[row * classes + c] = -target * (classWeights?.[c] ?? 1);
    }
  }
  const sum = tf.tidy(() => {
    const logP = tf.logSoftmax(logits);
    const losses = tf.mul(logP, tf.tensor2d(negativeTargets, [rows, classes])); // [B,C]
    if (focalGamma === 0) return tf.sum(losses) as tf.Scalar;
    const p = tf.exp(tf.sum(tf.mul(logP, tf.tensor2d(truth, [rows, classes])), 1, true)); // [B,1]
    const rest = tf.maximum(tf.sub(1, p), LEAST_REST);
    return tf.sum(tf.mul(losses, tf.exp(tf.mul(focalGamma, tf.log(rest))))) as tf.Scalar;
  });
  return { sum, weight };
}

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
