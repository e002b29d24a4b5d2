/**
 * Reads and updates a tensor's numbers on the host, without a copy if the engine keeps them in host memory.
 */
import * as tf from "@tensorflow/tfjs-core";

/** Access to the storage itself, on engines whose tensors live in host memory. */
interface HostMemory {
  /** False if the engine keeps its tensors on a device. */
  onHost?: boolean;
  /** Returns the storage. With `writing`, first runs pending work that still reads the old values. */
  hostArray(dataId: tf.DataId, writing?: boolean): Float32Array;
}

/** Storage that `updateInPlace` allocated. Nobody else holds it, so it may be written to. */
const owned = new WeakSet<Float32Array>();

/**
 * Returns a tensor's values, read-only. On engines in host memory this is the storage itself, valid until the
 * tensor is disposed.
 */
export async function hostValues(tensor: tf.Tensor): Promise<Float32Array> {
  const memory = hostMemory();
  return memory ? memory.hostArray(tensor.dataId) : await tensor.data() as Float32Array;
}

/** Like `hostValues`, but synchronous. Only for engines in host memory. */
export function hostValuesSync(tensor: tf.Tensor): Float32Array {
  return hostMemory()?.hostArray(tensor.dataId) ?? tensor.dataSync() as Float32Array;
}

/**
 * Lets `update` change a variable's values. On engines in host memory it works on the storage itself, in one
 * pass. Storage that others may hold (the array a tensor was made from, a clone kept as a snapshot) is copied
 * first: into `room` if it is given and does not already hold the variable.
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

/** Moves a variable's values into `room`. Does nothing on engines that keep values on a device. */
export function moveInto(room: Float32Array, variable: tf.Variable): void {
  if (hostMemory()) updateInPlace(variable, () => {}, room);
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
