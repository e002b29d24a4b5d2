import { equal, match, ok, rejects } from "./testing/assert.ts";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "./compute/mod.ts";
import { badInput, UndertoneError } from "./errors.ts";
import { asking, explained, isFileError, isOutOfMemory } from "./explain.ts";

const thrownBy = async (job: () => unknown): Promise<Error> => {
  try {
    await job();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

const told = (error: unknown) =>
  (explained(error, "a batch of 32 rows", "Make it smaller.") as Error).message;

/** Requests that no machine can meet. */
const TOO_LARGE: [string, () => unknown][] = [
  ["an array buffer", () => new ArrayBuffer(2 ** 52)],
  ["a typed array", () => new Float32Array(2 ** 40)],
  ["a longer typed array", () => new Float32Array(2 ** 60)],
  ["an array", () => new Array(2 ** 33)],
  ["a string", () => "x".repeat(2 ** 30)],
  ["WebAssembly's memory", () => new WebAssembly.Memory({ initial: 2 ** 17 })],
  ["more of WebAssembly's memory", () => new WebAssembly.Memory({ initial: 1, maximum: 2 }).grow(2)],
];

for (const [name, job] of TOO_LARGE) {
  Deno.test(`out of memory is told for ${name}`, async () => {
    const message = told(await thrownBy(job));
    match(message, /^Expected enough memory for a batch of 32 rows but found out of memory \(.+\)/);
    match(message, /Make it smaller\.$/);
  });
}

Deno.test("the engine runs out of memory: the error is its own, and later graphs still run", async () => {
  await useEngine({ engine: "onnx" });
  const error = await thrownBy(() => {
    const n = 2 ** 21, column = tf.ones([n, 1]), row = tf.ones([1, n]); // their product has 17 TB
    return tf.tidy(() => tf.matMul(column, row)).dataSync();
  });
  ok(isOutOfMemory(error), error.message);
  const large = await thrownBy(() => {
    const n = 2 ** 21, column = tf.ones([n, 1]), row = tf.ones([1, n]);
    return tf.sum(tf.square(tf.matMul(column, row))).dataSync();
  });
  ok(isOutOfMemory(large), large.message);
  equal(tf.sum(tf.ones([3])).dataSync()[0], 3);
});

Deno.test("other runtimes' words are known, also within another error", () => {
  for (
    const message of [
      "std::bad_alloc",
      "bad allocation",
      "Non-zero status code returned while running MatMul node. Status Message: BFCArena::AllocateRawInternal " +
      "Failed to allocate memory for requested buffer of size 4294967296",
      "OOM when allocating tensor with shape[100000,100000]",
    ]
  ) {
    match(
      told(new Error("ONNX Runtime could not run the graph", { cause: new Error(message) })),
      /out of mem/,
    );
  }
});

Deno.test("a bug is not told as a lack of memory or of files", async () => {
  for (
    const error of [
      new TypeError("x is not a function"),
      await thrownBy(() => new Float32Array(-1)),
      new UndertoneError("broken", "internal"),
      "text",
    ]
  ) equal(explained(error, "x", "y"), error);
  const refusal = badInput({ expected: "a", found: "std::bad_alloc", at: "b", todo: "C." });
  equal(explained(refusal, "x", "y"), refusal);
});

Deno.test("a file's error says which file and what to do", async () => {
  const folder = await Deno.makeTempDir();
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => Deno.writeTextFile(`${folder}/none/x`, ""), /none\/x' at the run\. Check the path\./],
    [() => Deno.writeTextFile(folder, ""), /Choose another path, or move the folder/],
    [() => Deno.mkdir(folder), /Choose another path, or move what is in its place/],
    [() => Deno.writeTextFile(`${folder}/${"x".repeat(300)}`, ""), /Choose a shorter path/],
  ];
  for (const [job, wanted] of cases) await rejects(asking("the run", "", job), wanted);
  const full = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  match(told(full), /found No space left on device \(os error 28\) .* Free disk space/);
  ok(isFileError(new UndertoneError("x", "input", { cause: full })) && !isFileError(new Error("x")));
});

Deno.test("an error while a task cleans up comes after the first one", () => {
  const refusal = (found: string) => badInput({ expected: "a", found, at: "b", todo: "C." });
  const both = new SuppressedError(refusal("second"), refusal("first"), "");
  match(told(both), /^Expected a but found first .* Expected a but found second/);
});
