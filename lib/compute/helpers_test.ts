import { Worker } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { mul, simdArrays, simdLoop, simdMemory } from "../simd/mod.ts";
import { zeroesDenormals } from "./denormals.ts";
import { startHelpers, useEngine } from "./mod.ts";

const LENGTH = 2 ** 18;

const scaled = simdLoop({ arrays: ["x"], scalars: ["a"], elementwise: true }, ({ load, store, scalars }) => {
  store("x", mul(load("x"), scalars.a));
});

/** The smallest normal float32. */
const SMALLEST = 2 ** -126;

/** Returns the smallest normal numbers, shared by threads, and halves them, which gives denormals. */
function halving() {
  const [[x]] = simdArrays([[LENGTH]], { shared: true }), memory = simdMemory(x)!, loop = scaled(memory);
  return { x, memory, halve: () => void loop(LENGTH, { x: x.byteOffset }, { a: 0.5 }) };
}

/** Whether all numbers have equal bits. A thread without denormals takes them for equal to 0. */
function areAlike({ buffer, byteOffset, length }: Float32Array): boolean {
  const bits = new Uint32Array(buffer, byteOffset, length);
  return bits.every((each) => each === bits[0]);
}

/** Halves until `enough`, and counts the parts that a helper took. */
async function partsIn(
  { x, halve }: Pick<ReturnType<typeof halving>, "x" | "halve">,
  enough: (parts: number, tries: number) => boolean,
): Promise<number> {
  const { compareExchange } = Atomics;
  let parts = 0;
  Atomics.compareExchange = ((array: Int32Array, ...rest: [number, number, number]) => {
    const found = compareExchange(array, ...rest);
    if (found !== rest[1]) parts++; // the helper had begun
    return found;
  }) as typeof compareExchange;
  try {
    for (let tries = 0; !enough(parts, tries); tries++) {
      x.fill(SMALLEST);
      halve();
      ok(areAlike(x));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } finally {
    Atomics.compareExchange = compareExchange;
  }
  return parts;
}

const takesPart = (parts: number, tries: number) => parts === 20 || tries === 5000;

Deno.test("a helper does its part as the asking thread would, until it is disposed", async () => {
  await useEngine({ threads: 2 });
  tf.tidy(() => tf.add(1, 2).dataSync()); // the first graph of a process takes denormals from its thread
  const { x, memory, halve } = halving();
  using helpers = startHelpers()!;
  helpers.help(memory);
  equal(await partsIn({ x, halve }, takesPart), 20);
  helpers[Symbol.dispose]();
  equal(await partsIn({ x, halve }, (_, tries) => tries === 5), 0);
});

Deno.test("a helper takes no part once the asking thread rounds otherwise", async () => {
  await useEngine({ threads: 2 });
  const { x, memory, halve } = halving(), own = zeroesDenormals();
  let zeroes = own;
  using helpers = startHelpers({ zeroes: () => zeroes })!;
  helpers.help(memory);
  equal(await partsIn({ x, halve }, takesPart), 20);
  zeroes = !own;
  equal(await partsIn({ x, halve }, (_, tries) => tries === 20), 0);
  zeroes = own;
  equal(await partsIn({ x, halve }, takesPart), 20);
});

Deno.test("without a thread that starts, the caller does it all", async () => {
  await useEngine({ threads: 2 });
  const { x, memory, halve } = halving();
  using helpers = startHelpers({ module: new URL("data:text/javascript,throw new Error('no')") })!;
  helpers.help(memory);
  for (let i = 0; i < 5; i++) {
    x.fill(1);
    halve();
    deepEqual([x[0], x[LENGTH - 1]], [0.5, 0.5]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

Deno.test("a thread that rounds otherwise takes no part", async () => {
  const workerData = { turn: new Int32Array(new SharedArrayBuffer(4)), zeroes: !zeroesDenormals() };
  const thread = new Worker(new URL("./helper_thread.ts", import.meta.url), { workerData });
  deepEqual(
    await new Promise((resolve) => thread.on("message", resolve).on("exit", () => resolve("ended"))),
    "ended",
  );
});

Deno.test("one thread needs no helpers", async () => {
  await useEngine({ threads: 1 });
  equal(startHelpers(), undefined);
  await useEngine({ threads: 2 });
});

Deno.test({
  name: "where memory may not be shared, there are no helpers",
  permissions: { ffi: [new URL("../../node_modules", import.meta.url)], read: true, env: true, sys: true },
  fn: () => equal(startHelpers(), undefined),
});
