/** Engines and devices under test, and how near their numbers have to be. */
import type { EngineOptions } from "../compute/mod.ts";

/** Names another device than the CPU for the onnx engine, in the process of a test that was started again for it. */
export const DEVICE_UNDER_TEST = "UNDERTONE_TEST_DEVICE";

export const deviceUnderTest = Deno.env.get(DEVICE_UNDER_TEST);

/** An engine, on the device under test. */
export const underTest = (engine: string): EngineOptions =>
  engine === "onnx" ? { engine, device: deviceUnderTest ?? "cpu" } : { engine };

/** Whether an engine is under test on another device than the CPU. */
export const onDevice = (engine: string): boolean => (underTest(engine).device ?? "cpu") !== "cpu";

/**
 * How near an op's numbers have to be. A device sums in an order of its own, and Vulkan asks no more of a sine and a cosine
 * than an error below 2^-11.
 */
export function toleranceOf(op: string, engine: string): number {
  if (!onDevice(engine)) return 2e-6;
  return /^(sin|cos)\b/i.test(op) ? 5e-4 : 5e-6;
}
