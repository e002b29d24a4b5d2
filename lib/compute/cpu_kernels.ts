/**
 * Fixes a kernel of plain TensorFlow.js that returns another type than TensorFlow: it sums int32 rows as
 * float32.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";

const NAME = "UnsortedSegmentSum";
const plain = tf.getKernel(NAME, "cpu");

interface Call {
  inputs: { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
  attrs: { numSegments: number };
  backend: tf.KernelBackend & {
    makeTensorInfo(shape: number[], dtype: "int32", values: Int32Array): tf.TensorInfo;
  };
}

/** Sums the int32 rows that share an id, as int32. */
function sumOfIntegers({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }: Call): tf.TensorInfo {
  const values = backend.readSync(x.dataId) as Int32Array,
    ids = backend.readSync(segmentIds.dataId) as Int32Array;
  const width = x.shape.slice(segmentIds.shape.length).reduce((size, length) => size * length, 1);
  const sums = new Int32Array(numSegments * width);
  ids.forEach((id, row) => {
    if (id < 0 || id >= numSegments) return;
    for (let i = 0; i < width; i++) sums[id * width + i] += values[row * width + i];
  });
  return backend.makeTensorInfo([numSegments, ...x.shape.slice(segmentIds.shape.length)], "int32", sums);
}

tf.unregisterKernel(NAME, "cpu");
tf.registerKernel({
  ...plain,
  kernelFunc: (call) =>
    call.inputs.x!.dtype === "int32" ? sumOfIntegers(call as unknown as Call) : plain.kernelFunc(call),
});
