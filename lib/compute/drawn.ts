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
  /** Compute layers again for their gradients instead of keeping what is inside them. */
  recompute?: boolean;
  /** What low-rank changes of linear layers count, and the rate of dropout before them. */
  lora?: { scale: number; dropout: number };
}

/** Keys of one training step. */
export function dropoutKeys(seed: number, step: number): DropoutKeys {
  let call = 0;
  return { next: () => seedOf(seed, step, call++) };
}

/** Fills `into` by the keys that it takes; nothing else may decide on the numbers. */
export type Draw = (into: Float32Array, keys: DropoutKeys) => void;

let listener: ((tensor: tf.Tensor, draw: Draw) => void) | undefined;
let again: Iterator<tf.Tensor> | undefined;

/** A tensor of this shape, drawn with the context's keys. */
export function drawn(shape: readonly number[], { dropout }: ForwardContext, draw: Draw): tf.Tensor {
  if (again) return again.next().value;
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

/** Calls `work`, and tells what was drawn meanwhile, to whoever hears it too. */
export function collectingDraws<T>(work: () => T): { result: T; draws: tf.Tensor[] } {
  const draws: tf.Tensor[] = [], before = listener;
  const result = hearingDraws((tensor, draw) => {
    draws.push(tensor);
    before?.(tensor, draw);
  }, work);
  return { result, draws };
}

/** Calls `work` with these draws in place of new ones. */
export function withDraws<T>(draws: readonly tf.Tensor[], work: () => T): T {
  const before = again;
  again = draws.values();
  try {
    return work();
  } finally {
    again = before;
  }
}
