/** A tensor's numbers as the host sees them, without a copy where the engine keeps them in host memory. */
import * as tf from "@tensorflow/tfjs-core";

/** Engines whose `readSync` hands out the storage itself. */
const IN_HOST_MEMORY = new Set(["cpu", "onnx"]);

/** A tensor's values, to read: on engines in host memory this is the storage itself, valid until it is disposed. */
export async function hostValues(tensor: tf.Tensor): Promise<Float32Array> {
  return await tensor.data() as Float32Array;
}

/** As `hostValues`, at once; only on engines that can wait (onnx on the CPU, tfjs cpu). */
export function hostValuesSync(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

/**
 * Lets `update` change a variable's values. On engines in host memory it works on the storage itself; a storage that
 * something else shares (a clone kept as a snapshot) is copied first.
 */
export function updateInPlace(
  variable: tf.Variable,
  update: (values: Float32Array) => void,
): void | Promise<void> {
  if (!IN_HOST_MEMORY.has(tf.getBackend())) {
    return variable.data().then((values) => assign(variable, values.slice() as Float32Array, update));
  }
  const values = variable.dataSync() as Float32Array;
  if (tf.backend().refCount(variable.dataId) > 1) assign(variable, values.slice(), update);
  else update(values);
}

function assign(variable: tf.Variable, values: Float32Array, update: (values: Float32Array) => void): void {
  update(values);
  const next = tf.tensor(values, variable.shape);
  variable.assign(next);
  next.dispose();
}
