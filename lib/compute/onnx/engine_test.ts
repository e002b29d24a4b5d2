/** Tests the lazy engine as a whole: who owns which memory, what is compiled when, and that nothing leaks. */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../../testing/assert.ts";
import { fileURLToPath } from "node:url";
import { UndertoneError } from "../../errors.ts";
import { runDeno } from "../../testing/deno.ts";
import { hostValues, hostValuesSync, layerNorm, linear, updateInPlace, useEngine } from "../mod.ts";
import { drawing, droppedOut } from "../testing.ts";

const onnx = async () => {
  const engine = await useEngine({ engine: "onnx" });
  engine.resetStats();
  return engine;
};
const ramp = (length: number, from = 0) => Float32Array.from({ length }, (_, i) => from + i);

Deno.test("nothing runs until a value is read; then held values are computed once", async () => {
  const { stats } = await onnx();
  const y = tf.tidy(() => {
    tf.exp(tf.ones([3])); // not held when the graph runs
    return tf.mul(tf.add(tf.ones([3]), 1), 3);
  });
  assert.equal(stats().flushes, 0);
  assert.deepEqual([...await y.data()], [6, 6, 6]);
  assert.deepEqual([...y.dataSync()], [6, 6, 6]);
  assert.deepEqual([stats().flushes, stats().nodes], [1, 2]);
  y.dispose();
});

Deno.test("flush runs the pending graph", async () => {
  const { flush, stats } = await onnx();
  const y = tf.neg(tf.ones([2]));
  flush();
  flush();
  assert.equal(stats().flushes, 1);
  assert.deepEqual([...y.dataSync()], [-1, -1]);
  y.dispose();
});

Deno.test("a buffer is not reused while a pending node reads it", async () => {
  const { flush } = await onnx();
  for (let round = 0; round < 3; round++) {
    const x = tf.add(tf.tensor(ramp(1000)), round);
    flush(); // x has a buffer of the engine's own
    const reversed = tf.reverse(x); // cannot be computed in place
    x.dispose();
    assert.deepEqual(reversed.dataSync(), ramp(1000, round).reverse());
    reversed.dispose();
  }
});

Deno.test("numbers that were read stay unchanged, whatever runs later", async () => {
  await onnx();
  const x = tf.add(tf.tensor(ramp(1000)), 1);
  const numbers = await x.data();
  x.dispose();
  for (let i = 0; i < 3; i++) tf.tidy(() => tf.mul(tf.tensor(ramp(1000)), -1).dataSync());
  assert.deepEqual(numbers, ramp(1000, 1));
});

Deno.test("the caller's arrays are neither reused nor written to", async () => {
  await onnx();
  const mine = ramp(1000);
  tf.tidy(() => tf.add(tf.tensor(mine), 1).dataSync());
  for (let i = 0; i < 3; i++) tf.tidy(() => void hostValuesSync(tf.mul(tf.tensor(ramp(1000)), -1)));
  assert.deepEqual(mine, ramp(1000));
});

Deno.test("equal graphs are compiled once, whatever their numbers; another shape is compiled again", async () => {
  const { stats } = await onnx();
  const step = (rows: number, rate: number) =>
    tf.tidy(() => tf.sum(tf.mul(tf.sin(tf.ones([rows, 37])), rate)).dataSync()[0]);
  const first = step(3, 1);
  for (const rate of [0.5, 0.25]) assert.ok(Math.abs(step(3, rate) - first * rate) < 1e-4);
  assert.equal(stats().compiles, 1);
  step(4, 1);
  assert.equal(stats().compiles, 2);
});

Deno.test("a failing graph throws, and the next one runs", async () => {
  await onnx();
  const lost = tf.gather(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([7], "int32"));
  const failing = (error: Error) => error instanceof UndertoneError && error.code === "internal";
  assert.throws(() => lost.dataSync(), failing);
  assert.throws(() => lost.dataSync(), failing);
  assert.deepEqual([...tf.add(1, 1).dataSync()], [2]);
  lost.dispose();
});

Deno.test("kernels without a node run on the plain backend and are counted", async () => {
  const { stats, resetStats } = await onnx();
  const { values, indices } = tf.topk(tf.mul(tf.tensor1d([3, 1, 2]), 2), 2);
  assert.deepEqual([...values.dataSync(), ...indices.dataSync()], [6, 4, 0, 2]);
  assert.deepEqual(stats().fallbacks, { TopK: 1 });
  resetStats();
  assert.deepEqual(stats().fallbacks, {});
  tf.dispose([values, indices]);
});

Deno.test("the result of a fallback has its own memory", async () => {
  const { flush } = await onnx();
  const x = tf.add(tf.tensor2d(ramp(6), [3, 2]), 0);
  flush();
  const cut = tf.engine().runKernel("LinSpace", {}, { start: 0, stop: 1, num: 3 }) as tf.Tensor;
  const kept = tf.batchToSpaceND(tf.reshape(x, [1, 3, 2]), [1], [[0, 0]]);
  x.dispose();
  for (let i = 0; i < 3; i++) tf.tidy(() => void hostValuesSync(tf.mul(tf.tensor(ramp(6)), -1)));
  assert.deepEqual([...kept.dataSync()], [...ramp(6)]);
  assert.deepEqual([...cut.dataSync()], [0, 0.5, 1]);
  tf.dispose([kept, cut]);
});

Deno.test("shape arithmetic on small integers costs no flush and does not count as a fallback", async () => {
  const { stats } = await onnx();
  const pending = tf.exp(tf.ones([4]));
  const shape = tf.tidy(() =>
    tf.stack([tf.prod(tf.tensor1d([2, 3], "int32")), tf.scalar(5, "int32")]).dataSync()
  );
  assert.deepEqual([...shape], [6, 5]);
  assert.deepEqual([stats().flushes, stats().fallbacks], [0, {}]);
  pending.dispose();
});

Deno.test("tensors move between engines and back", async () => {
  await useEngine({ engine: "cpu" });
  const x = tf.tensor1d([1, 2]);
  await onnx();
  const y = tf.mul(x, 2);
  await useEngine({ engine: "cpu" });
  const z = tf.add(y, x);
  assert.deepEqual([...z.dataSync()], [3, 6]);
  await onnx();
  assert.deepEqual([...tf.add(tf.add(y, z), x).dataSync()], [6, 12]);
  const { numDataIds } = tf.engine().backend;
  assert.ok(numDataIds.call(tf.engine().backend) > 0);
  tf.dispose([x, y, z]);
});

Deno.test("training steps of changing shape leave no tensor and no value behind, and the loss falls", async () => {
  const { stats } = await onnx();
  const weight = tf.variable(tf.tensor2d(ramp(12).map((v) => Math.sin(v)), [3, 4]));
  const gamma = tf.variable(tf.ones([3])) as tf.Variable<tf.Rank.R1>;
  const beta = tf.variable(tf.zeros([3])) as tf.Variable<tf.Rank.R1>;
  const step = async (number: number) => {
    const rows = 2 + number % 5;
    const x = tf.tensor2d(ramp(rows * 4).map((v) => Math.cos(v)), [rows, 4]);
    const { value, grads } = tf.variableGrads(() => {
      const hidden = layerNorm(linear(x, weight as tf.Variable<tf.Rank.R2>), gamma, beta);
      const kept = droppedOut(hidden, 0.1, drawing(number));
      return tf.sum(tf.square(tf.sub(kept, tf.softmax(kept)))) as tf.Scalar;
    });
    const loss = (await hostValues(value))[0] / rows;
    for (const variable of [weight, gamma, beta]) {
      const gradient = await hostValues(grads[variable.name]);
      await updateInPlace(variable, (values) => {
        for (let i = 0; i < values.length; i++) values[i] -= 0.01 * gradient[i];
      });
    }
    tf.dispose([x, value]);
    tf.dispose(grads);
    return loss;
  };
  const first = await step(0);
  for (let number = 1; number < 10; number++) await step(number);
  const tensors = tf.memory().numTensors, ids = tf.engine().backend.numDataIds();
  for (let number = 10; number < 210; number++) await step(number);
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(tf.engine().backend.numDataIds(), ids);
  assert.ok(await step(0) < first);
  assert.deepEqual(stats().fallbacks, {});
  assert.equal(stats().compiles, 2); // the first shape alone, the others together
  tf.dispose([weight, gamma, beta]);
});

Deno.test("unread results do not accumulate without bound", async () => {
  const { stats } = await onnx();
  let x = tf.zeros([1]);
  for (let i = 0; i < 10_100; i++) {
    const next = tf.add(x, 1);
    x.dispose();
    x = next;
  }
  assert.equal(stats().flushes, 1);
  assert.deepEqual([...x.dataSync()], [10_100]);
  x.dispose();
});

Deno.test("the engine needs only the permissions read, env, sys and ffi", async () => {
  const script = `
    import { useEngine } from "${new URL("../mod.ts", import.meta.url)}";
    import * as tf from "@tensorflow/tfjs-core";
    await useEngine();
    console.log(tf.sum(tf.square(tf.tensor1d([1, 2, 3]))).dataSync()[0]);`;
  const permissions = ["--allow-read", "--allow-env", "--allow-ffi", "--allow-sys"];
  const { out, error } = await runDeno(["run", "--no-check", "--no-prompt", ...permissions, "-"], {
    stdin: script,
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
  });
  assert.equal(out, "14\n", error);
  assert.equal(error, ""); // no banner either
});
