/** A tensor's numbers as the host sees them, without a copy where the engine keeps them in host memory. */
import * as tf from "@tensorflow/tfjs-core";

/** What engines offer whose tensors live in host memory: the storage itself. */
interface HostMemory {
  /** False where the engine keeps its tensors on a device. */
  onHost?: boolean;
  /** `writing` waits for whatever still has to read the old values. */
  hostArray(dataId: tf.DataId, writing?: boolean): Float32Array;
}

/** Storage that `updateInPlace` made: nobody else has it, so that it may be written to. */
const owned = new WeakSet<Float32Array>();

/** A tensor's values, to read: on engines in host memory the storage itself, valid until the tensor is disposed. */
export async function hostValues(tensor: tf.Tensor): Promise<Float32Array> {
  const memory = hostMemory();
  return memory ? memory.hostArray(tensor.dataId) : await tensor.data() as Float32Array;
}

/** As `hostValues`, at once; only on engines in host memory. */
export function hostValuesSync(tensor: tf.Tensor): Float32Array {
  return hostMemory()?.hostArray(tensor.dataId) ?? tensor.dataSync() as Float32Array;
}

/**
 * Lets `update` change a variable's values. On engines in host memory this is one pass over the storage itself; storage
 * that others may hold (the array a tensor was made from, a clone kept as a snapshot) is copied first, into `room` where
 * it is given and the variable is not in it already.
 */
export function updateInPlace(
  variable: tf.Variable,
  update: (values: Float32Array) => void,
  room?: Float32Array,
): void | Promise<void> {
  const memory = hostMemory();
  if (!memory) {
    return variable.data().then((values) => assign(variable, values.slice() as Float32Array, update));
  }
  const values = memory.hostArray(variable.dataId, true);
  if (owned.has(values) && tf.backend().refCount(variable.dataId) === 1) return update(values);
  const copy = room && room !== values ? room : new Float32Array(values.length);
  copy.set(values);
  owned.add(copy);
  assign(variable, copy, update);
}

function assign(variable: tf.Variable, values: Float32Array, update: (values: Float32Array) => void): void {
  update(values);
  const next = tf.tensor(values, variable.shape);
  variable.assign(next);
  next.dispose();
}

function hostMemory(): HostMemory | undefined {
  const backend = tf.backend();
  if ("hostArray" in backend) {
    const memory = backend as unknown as HostMemory;
    return memory.onHost === false ? undefined : memory;
  }
  const plain = backend as unknown as { readSync(dataId: tf.DataId): Float32Array };
  return tf.getBackend() === "cpu" ? { hostArray: (dataId) => plain.readSync(dataId) } : undefined;
}
