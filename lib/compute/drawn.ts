/** Random numbers inside a step: tensors that are drawn anew each time it runs, whether it is recorded or run again. */
import * as tf from "@tensorflow/tfjs-core";
import { seedOf } from "../random.ts";

/** Gives each draw of a forward pass its own key, the same one whenever seed, step and order of calls are the same. */
export interface DropoutKeys {
  next(): number;
}

/** What a forward pass needs to know beside its inputs. */
export interface ForwardContext {
  training: boolean;
  /** Source of dropout masks and of whatever else is random; unused outside training. */
  dropout: DropoutKeys;
}

/** Keys of one training step. */
export function dropoutKeys(seed: number, step: number): DropoutKeys {
  let call = 0;
  return { next: () => seedOf(seed, step, call++) };
}

/** Fills `into` by the keys that it takes; nothing else may decide on the numbers. */
export type Draw = (into: Float32Array, keys: DropoutKeys) => void;

let listener: ((tensor: tf.Tensor, draw: Draw) => void) | undefined;

/** A tensor of this shape, drawn with the context's keys. */
export function drawn(shape: readonly number[], { dropout }: ForwardContext, draw: Draw): tf.Tensor {
  const values = new Float32Array(shape.reduce((size, length) => size * length, 1));
  draw(values, dropout);
  const tensor = tf.tensor(values, [...shape], "float32");
  listener?.(tensor, draw);
  return tensor;
}

/** Calls `work`, and tells `heard` of every tensor that is drawn meanwhile, in order. */
export function hearingDraws<T>(heard: (tensor: tf.Tensor, draw: Draw) => void, work: () => T): T {
  const before = listener;
  listener = heard;
  try {
    return work();
  } finally {
    listener = before;
  }
}
