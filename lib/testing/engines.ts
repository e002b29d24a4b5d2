/** Engines and devices under test, and the tolerance of their numbers. */
import type { EngineOptions } from "../compute/mod.ts";

/**
 * The environment variable that names the onnx engine's device if it is not the CPU. A test sets it for the
 * process that it starts.
 */
export const DEVICE_UNDER_TEST = "UNDERTONE_TEST_DEVICE";

export const deviceUnderTest = Deno.env.get(DEVICE_UNDER_TEST);

/** Returns the options of an engine on the device under test. */
export const underTest = (engine: string): EngineOptions =>
  engine === "onnx" ? { engine, device: deviceUnderTest ?? "cpu" } : { engine };

/** Returns whether an engine is tested on a device other than the CPU. */
export const onDevice = (engine: string): boolean => (underTest(engine).device ?? "cpu") !== "cpu";

/**
 * Returns the tolerance of an op's numbers. A device sums in its own order, and Vulkan only requires an error
 * below 2^-11 of sine and cosine.
 */
export function toleranceOf(op: string, engine: string): number {
  if (!onDevice(engine)) return 2e-6;
  return /^(sin|cos)\b/i.test(op) ? 5e-4 : 5e-6;
}
