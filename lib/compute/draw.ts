/**
 * Random numbers inside a step: tensors that are drawn anew at each run, whether the step is called or
 * replayed.
 */
import * as tf from "@tensorflow/tfjs-core";

/** Gives each draw of a step a key. The same source gives the same keys. */
export interface DrawKeys {
  /** The next key, an unsigned 32-bit integer. */
  next(): number;
}

/** Fills `into` from the keys that it takes. The numbers may depend on nothing else. */
export type Draw = (into: Float32Array, keys: DrawKeys) => void;

let listener: ((tensor: tf.Tensor, draw: Draw) => void) | undefined;
let again: Iterator<tf.Tensor> | undefined;

/** Returns a float32 tensor of this shape, filled by `draw`. */
export function fillTensor(shape: readonly number[], keys: DrawKeys, draw: Draw): tf.Tensor {
  if (again) return again.next().value;
  const values = new Float32Array(shape.reduce((size, length) => size * length, 1));
  draw(values, keys);
  const tensor = tf.tensor(values, [...shape], "float32");
  listener?.(tensor, draw);
  return tensor;
}

/** Calls `work` and reports each tensor drawn meanwhile to `onDraw`, in order. */
export function observeDraws<T>(onDraw: (tensor: tf.Tensor, draw: Draw) => void, work: () => T): T {
  const before = listener;
  listener = onDraw;
  try {
    return work();
  } finally {
    listener = before;
  }
}

/**
 * Calls `work` and returns its result with the tensors drawn meanwhile. An outer observer still hears of
 * them.
 */
export function collectDraws<T>(work: () => T): { result: T; draws: tf.Tensor[] } {
  const draws: tf.Tensor[] = [], before = listener;
  const result = observeDraws((tensor, draw) => {
    draws.push(tensor);
    before?.(tensor, draw);
  }, work);
  return { result, draws };
}

/** Calls `work` with these draws instead of new ones. */
export function replayDraws<T>(draws: readonly tf.Tensor[], work: () => T): T {
  const before = again;
  again = draws.values();
  try {
    return work();
  } finally {
    again = before;
  }
}
