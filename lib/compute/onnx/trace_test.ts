import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok, throws } from "../../testing/assert.ts";
import { type Feed, useEngine } from "../mod.ts";
import { traceStep } from "./trace.ts";

const feed: Feed = { x: { data: Float32Array.of(1, 2, 3), shape: [3] } };

Deno.test("a traced step is recorded with the origins of its inputs, and not run", async () => {
  const { stats, resetStats } = await useEngine({ engine: "onnx" });
  const w = tf.variable(tf.tensor1d([4, 5, 6])), before = tf.memory().numTensors;
  resetStats();
  const trace = traceStep(({ x }) => ({ y: tf.exp(tf.add(tf.mul(x, w), tf.range(0, 3))) }), feed, { w });
  equal(stats().flushes, 0);
  equal(tf.memory().numTensors, before);
  deepEqual(trace.nodes.map(({ op }) => op), ["Mul", "Add", "Exp"]);
  ok(trace.nodes[2].outputs[0] === trace.outputs.y);
  deepEqual([...trace.sources.values()], [
    { variable: "w" },
    { input: "x" },
    { numbers: Float32Array.of(0, 1, 2) },
  ]);
  deepEqual([...await tf.mul(w, 2).data()], [8, 10, 12]); // the withdrawn nodes have no effect
  tf.dispose(w);
});

Deno.test("a step that reads a number is refused", async () => {
  await useEngine({ engine: "onnx" });
  const reads = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.mul(x, tf.sum(x).dataSync()[0]) });
  throws(() => traceStep(reads, feed, {}), /can't be written as one graph/);
});
