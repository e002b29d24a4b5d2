/**
 * Captured steps give the same results as called ones, skip the call if they may, and notice if they may not.
 */
import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { ENGINES, type Feed, type Step, updateInPlace, useEngine } from "./mod.ts";
import { capture, type Drawing, drawing, droppedOut } from "./testing.ts";

const feedOf = (...values: number[]): Feed => ({
  x: { data: Float32Array.from(values), shape: [values.length] },
});

/** A step that counts its calls. */
function counted(step: Step<Drawing>) {
  const calls = { count: 0 };
  return { calls, step: ((inputs, context) => (calls.count++, step(inputs, context))) as Step<Drawing> };
}

for (const engine of ENGINES) {
  testWith(engine, `inputs, variables and draws are those of the call, on ${engine}`, async () => {
    await useEngine({ engine });
    const w = tf.variable(tf.tensor1d([1, 10, 100, 1000])), before = tf.memory().numTensors;
    const { calls, step } = counted(({ x }, c) => ({
      y: droppedOut(tf.mul(x, w), 0.5, c),
      x,
      sum: tf.sum(x),
    }));
    const captured = capture(step, { w }),
      plain = (feed: Feed, key: number) =>
        tf.tidy(() =>
          droppedOut(tf.mul(tf.tensor1d(feed.x.data as Float32Array), w), 0.5, drawing(key)).arraySync()
        );
    for (let key = 0; key < 6; key++) {
      const feed = feedOf(key, 1, 2, 3), { y, x, sum } = await captured.run(feed, drawing(key));
      deepEqual([...y], plain(feed, key));
      deepEqual([...x], [key, 1, 2, 3]);
      deepEqual([...sum], [key + 6]);
      await updateInPlace(w, (values) => values.forEach((v, i) => values[i] = v + 1));
    }
    equal(calls.count, engine === "onnx" ? 2 : 6);
    equal(captured.reason(), engine === "onnx" ? undefined : `the engine ${engine} can't record steps`);
    await captured.run(feedOf(1, 2, 3, 4), drawing(0));
    const into = { sum: new Float32Array(1) },
      { sum } = await captured.run(feedOf(5, 0, 0, 1), drawing(0), into);
    equal(sum, into.sum);
    equal(into.sum[0], 6);
    captured.dispose();
    equal(tf.memory().numTensors, before);
    w.dispose();
  });
}

Deno.test("each shape is recorded separately, and so are steps with and without draws", async () => {
  const { resetStats, stats } = await useEngine({ engine: "onnx" });
  resetStats();
  const { calls, step } = counted(({ x }, c) => ({ y: droppedOut(tf.tanh(x), 0.5, c) }));
  const captured = capture(step), still = { ...drawing(0), draws: false };
  for (let round = 0; round < 4; round++) {
    for (const values of [[1, 2], [1, 2, 3]]) {
      await captured.run(feedOf(...values), drawing(round));
      const { y } = await captured.run(feedOf(...values), still);
      ok(values.every((v, i) => Math.abs(y[i] - Math.tanh(v)) < 1e-6));
    }
  }
  equal(calls.count, 6); // twice in the first shape, once in the second, each with and without draws
  equal(stats().compiles, 4);
  captured.dispose();
});

Deno.test("a new shape with other operators, or other origins of inputs, is recorded twice", async () => {
  await useEngine({ engine: "onnx" });
  const w = tf.variable(tf.tensor1d([2])), constant = tf.tensor1d([2]);
  const { calls, step } = counted(({ x }) => ({
    y: x.size === 1 ? tf.mul(x, w) : x.size === 2 ? tf.mul(w, x) : tf.mul(x, constant),
  }));
  const captured = capture(step, { w });
  for (const size of [1, 2, 3]) {
    const feed = feedOf(...Array(size).fill(size));
    for (let i = 0; i < 4; i++) {
      const { y } = await captured.run(feed, drawing(0));
      deepEqual([...y], Array(size).fill(2 * size));
    }
    equal(calls.count, 2 * size);
  }
  equal(captured.reason(), undefined);
  captured.dispose();
  tf.dispose([w, constant]);
});

Deno.test("numbers that differ by shape are the shape's own", async () => {
  await useEngine({ engine: "onnx" });
  const { calls, step } = counted(({ x }, c) => ({
    y: droppedOut(tf.add(x, tf.tensor1d(Array.from({ length: x.size }, (_, i) => i * x.size))), 0.5, c),
  }));
  const captured = capture(step),
    plain = (size: number, key: number) =>
      tf.tidy(() => droppedOut(tf.range(0, size * size, size), 0.5, drawing(key)).arraySync());
  for (const size of [2, 5, 3]) {
    for (let key = 0; key < 3; key++) {
      const { y } = await captured.run(feedOf(...Array(size).fill(0)), drawing(key));
      deepEqual([...y], plain(size, key));
    }
  }
  equal(calls.count, 4);
  captured.dispose();
});

/** Steps that must be called each time, with the reported reason. */
const changing: Record<string, [() => Step<Drawing>, reason: RegExp]> = {
  "reads an input": [() => ({ x }) => ({ y: tf.add(x, tf.scalar(x.dataSync()[0])) }), /reads numbers/],
  "reads what it computed": [
    () => ({ x }) => ({ y: tf.add(x, tf.scalar(tf.neg(x).dataSync()[0])) }),
    /reads numbers/,
  ],
  "uses other constants each time": [() => {
    let call = 0;
    return ({ x }) => ({ y: tf.add(x, tf.scalar(call++)) });
  }, /^a constant in it changes from call to call$/],
  "branches differently": [() => {
    let call = 0;
    return ({ x }) => ({ y: call++ % 2 ? tf.neg(x) : tf.square(x) });
  }, /different graphs/],
  "keeps a tensor": [
    () => ({ x }) => (kept.push(tf.keep(tf.neg(x))), { y: tf.square(x) }),
    /^it keeps a tensor that is not an output$/,
  ],
  "returns a constant": [() => () => ({ y: tf.scalar(3) }), /as none/],
};
const kept: tf.Tensor[] = [];

for (const [why, [make, reason]] of Object.entries(changing)) {
  Deno.test(`a step that ${why} is called each time`, async () => {
    await useEngine({ engine: "onnx" });
    const { calls, step } = counted(make()), captured = capture(step), plain = make();
    for (let i = 0; i < 5; i++) {
      const feed = feedOf(i, 2), { y } = await captured.run(feed, drawing(i));
      const expected = tf.tidy(() =>
        plain({ x: tf.tensor1d(feed.x.data as Float32Array) }, drawing(i)).y.dataSync()
      );
      deepEqual([...y], [...expected]);
    }
    equal(calls.count, 5);
    match(captured.reason()!, reason);
    captured.dispose();
    tf.dispose(kept);
  });
}

Deno.test("integers in an input are not mistaken for shapes", async () => {
  await useEngine({ engine: "onnx" });
  const { calls, step } = counted(({ ids }) => ({
    y: tf.cast(tf.add(ids, tf.scalar(1, "int32")), "float32"),
  }));
  const captured = capture(step);
  for (let i = 0; i < 4; i++) {
    const { y } = await captured.run({ ids: { data: Int32Array.of(i, 2 * i), shape: [2] } }, drawing(0));
    deepEqual([...y], [i + 1, 2 * i + 1]);
  }
  equal(calls.count, 2);
  captured.dispose();
});

Deno.test("an output of integers stays one when the step is replayed", async () => {
  await useEngine({ engine: "onnx" });
  const captured = capture(({ ids }) => ({ picked: tf.gather(ids, tf.tensor1d([2, 0], "int32")) }));
  for (let first = 0; first < 4; first++) {
    const feed = { ids: { data: Int32Array.of(first, 7, 9), shape: [3] } };
    deepEqual((await captured.run(feed, drawing(0))).picked as unknown, Int32Array.of(9, first));
  }
  captured.dispose();
});

Deno.test("all shapes of a step share the arrays of its outputs and draws", async () => {
  await useEngine({ engine: "onnx" });
  const captured = capture(({ x }, context) => ({ y: droppedOut(tf.tanh(x), 0.5, context) }));
  const plain = (values: number[], key: number) =>
    tf.tidy(() => droppedOut(tf.tanh(tf.tensor1d(values)), 0.5, drawing(key)).arraySync());
  const buffers = new Set<ArrayBufferLike>();
  for (let key = 0; key < 12; key++) {
    const values = [[1, 2, 3, 4, 5], [6, 7], [8, 9, 10]][key % 3];
    const { y } = await captured.run(feedOf(...values), drawing(key));
    deepEqual([...y], plain(values, key));
    if (key >= 6) buffers.add(y.buffer);
  }
  equal(buffers.size, 1);
  captured.dispose();
  const variables = {},
    [one, two] = [2, 3].map((by) => capture(({ x }) => ({ y: tf.mul(x, by) }), variables));
  for (let call = 0; call < 4; call++) {
    const [a, b] = [await one.run(feedOf(1, 2), drawing(0)), await two.run(feedOf(1, 2), drawing(0))];
    deepEqual([[...a.y], [...b.y]], [[2, 4], [3, 6]], "two steps on the same variables share none");
  }
  for (const step of [one, two]) step.dispose();
});

Deno.test("variables that share storage are distinguished once they differ", async () => {
  await useEngine({ engine: "onnx" });
  const start = tf.tensor1d([1, 1]), a = tf.variable(start), b = tf.variable(start);
  const captured = capture(() => ({ y: tf.sub(tf.mul(a, 10), b) }), { a, b });
  for (let i = 0; i < 4; i++) {
    deepEqual([...(await captured.run({}, drawing(0))).y], [9 + 10 * i, 9 + 10 * i]);
    await updateInPlace(a, (values) => values.forEach((v, k) => values[k] = v + 1));
  }
  captured.dispose();
  tf.dispose([start, a, b]);
});
