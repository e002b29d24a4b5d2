import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { UndertoneError } from "../errors.ts";
import { currentEngine, useEngine } from "./mod.ts";

Deno.test("the last chosen engine is in use; the default is onnx", async () => {
  assert.equal((await useEngine({ engine: "cpu" })).name, "cpu");
  assert.equal(tf.getBackend(), "cpu");
  const engine = await useEngine();
  assert.deepEqual([engine.name, engine.device, tf.getBackend()], ["onnx", "cpu", "onnx"]);
  assert.equal(currentEngine(), engine);
  assert.equal(await useEngine({ device: "cpu" }), engine);
});

const refused: [Parameters<typeof useEngine>[0], RegExp][] = [
  [{ engine: "onx" }, /found 'onx' at --engine\. Did you mean onnx\?$/],
  [{ engine: "keras" }, /found 'keras' at --engine\. Choose one of onnx, tensorflow, cpu\.$/],
  [{ device: "webgp" }, /found 'webgp' at --device\. Did you mean webgpu\?$/],
  [{ device: "cpu:1" }, /found 'cpu:1' at --device\. Did you mean cpu\?$/],
  [{ device: "cuda:" }, /found 'cuda:' at --device\. Did you mean cuda\?$/],
  [{ device: "webgpu:1" }, /at --device webgpu:1\. /],
  [{ engine: "cpu", device: "webgpu:1" }, /'webgpu' .* Choose one of auto, cpu\.$/],
  [{ engine: "cpu", device: "webgpu" }, /a device of --engine cpu .*'webgpu' .* Choose one of auto, cpu\.$/],
  [
    { engine: "tensorflow", device: "webgpu" },
    /a device of --engine tensorflow .*'webgpu' .* Choose one of auto, cpu, cuda\.$/,
  ],
  [{ threads: 0 }, /^Expected a whole number of threads, at least 1 but found 0 at --threads\./],
  [{ threads: 1.5 }, /found 1\.5 at --threads/],
];
for (const [options, message] of refused) {
  Deno.test(`${JSON.stringify(options)} is refused with a clear error`, async () => {
    const rightly = (error: Error) =>
      error instanceof UndertoneError && error.code === "input" && message.test(error.message);
    await assert.rejects(useEngine(options), rightly);
  });
}

testWith("a machine without CUDA", {
  name: "CUDA without its provider is refused with how to get it",
  async fn() {
    const rightly = ({ message }: Error) =>
      /^Expected an NVIDIA GPU .* but found no provider for it at --device cuda\. Fetch .*: node node_modules\/.*=cuda12$/
        .test(
          message,
        );
    await assert.rejects(useEngine({ device: "cuda" }), rightly);
  },
});
