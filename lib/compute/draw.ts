/** Random numbers inside a step: tensors that are drawn anew each time it runs, whether it is recorded or run again. */
import * as tf from "@tensorflow/tfjs-core";

/** A key for each draw of a step, the same ones whenever the step is run with the same source. */
export interface DrawKeys {
  /** The next key, an unsigned 32-bit integer. */
  next(): number;
}

/** Fills `into` by the keys that it takes; nothing else may decide on the numbers. */
export type Draw = (into: Float32Array, keys: DrawKeys) => void;

let listener: ((tensor: tf.Tensor, draw: Draw) => void) | undefined;
let again: Iterator<tf.Tensor> | undefined;

/** A float32 tensor of this shape, filled by `draw`. */
export function fillTensor(shape: readonly number[], keys: DrawKeys, draw: Draw): tf.Tensor {
  if (again) return again.next().value;
  const values = new Float32Array(shape.reduce((size, length) => size * length, 1));
  draw(values, keys);
  const tensor = tf.tensor(values, [...shape], "float32");
  listener?.(tensor, draw);
  return tensor;
}

/** Calls `work`, and tells `onDraw` of every tensor that is drawn meanwhile, in order. */
export function observeDraws<T>(onDraw: (tensor: tf.Tensor, draw: Draw) => void, work: () => T): T {
  const before = listener;
  listener = onDraw;
  try {
    return work();
  } finally {
    listener = before;
  }
}

/** Calls `work`, and tells what was drawn meanwhile, to whoever hears it too. */
export function collectDraws<T>(work: () => T): { result: T; draws: tf.Tensor[] } {
  const draws: tf.Tensor[] = [], before = listener;
  const result = observeDraws((tensor, draw) => {
    draws.push(tensor);
    before?.(tensor, draw);
  }, work);
  return { result, draws };
}

/** Calls `work` with these draws in place of new ones. */
export function replayDraws<T>(draws: readonly tf.Tensor[], work: () => T): T {
  const before = again;
  again = draws.values();
  try {
    return work();
  } finally {
    again = before;
  }
}
