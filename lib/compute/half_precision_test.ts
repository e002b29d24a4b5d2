import { equal, rejects, throws } from "../testing/assert.ts";
import { useEngine } from "./engine.ts";
import { halfPrecision, requireHalfPrecision } from "./half_precision.ts";

const adapter = (description: string, ...features: string[]) => () =>
  Promise.resolve({ info: { description, isFallbackAdapter: false }, features: new Set(features) });
const gpu = { device: "webgpu" } as const;

Deno.test("a GPU without 16-bit floats is refused, and the message says what to do", async () => {
  await useEngine();
  await requireHalfPrecision(gpu, adapter("NVIDIA H100", "timestamp-query", "shader-f16"));
  await rejects(
    requireHalfPrecision(gpu, adapter("SwiftShader", "timestamp-query")),
    /a GPU with 16-bit floats \(shader-f16\) but found SwiftShader without them .* Take --precision fp32\./,
  );
  await rejects(requireHalfPrecision(gpu, adapter("")), /found a GPU without them/);
});

Deno.test("the CPU and CUDA ask no adapter, and a system without an answer is not refused", async () => {
  const fail = () => Promise.reject(new Error("asked"));
  await requireHalfPrecision({ device: "cpu" }, fail);
  await requireHalfPrecision({ device: "cuda" }, fail);
  await requireHalfPrecision(gpu, fail);
});

Deno.test("engines other than onnx are refused", async () => {
  await useEngine({ engine: "cpu" });
  throws(halfPrecision, /Expected an engine with half precision but found cpu .* Take --engine onnx/);
  await useEngine();
  equal(halfPrecision()(() => 3), 3);
});
