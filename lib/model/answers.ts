/**
 * What the logits of a model become in its graph, by kind of target. `KINDS` of lib/eval does it on the host.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TargetKind } from "../target.ts";

/** The last step of a model. */
export interface Answer {
  /** Name of the output of an exported file. */
  name: "probabilities" | "values";
  /** Returns the answer `[B,C]` of logits `[B,C]`. */
  of(logits: tf.Tensor2D): tf.Tensor2D;
}

/** The last step by kind of target. */
export const ANSWERS: Readonly<Record<TargetKind, Answer>> = {
  class: { name: "probabilities", of: (logits) => tf.softmax(logits) },
  distribution: { name: "probabilities", of: (logits) => tf.softmax(logits) },
  labels: { name: "probabilities", of: (logits) => tf.sigmoid(logits) },
  values: { name: "values", of: (logits) => logits },
};
