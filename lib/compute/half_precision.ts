/** Whether the engine and its device can compute in half precision. */
import { badInput } from "../errors.ts";
import { currentEngine } from "./engine.ts";
import { type AskForAdapter, askForAdapter } from "./gpu.ts";
import type { Engine } from "./stats.ts";

/** Calls `record` in a precision, and returns its result. */
export type Within = <T>(record: () => T) => T;

/** Returns what records products in half precision. Throws bad input if the engine cannot. */
export function halfPrecision(): Within {
  const { inHalfPrecision, name } = currentEngine();
  if (inHalfPrecision) return inHalfPrecision;
  throw lacking("an engine with half precision", name, "Take --engine onnx, or --precision fp32.");
}

/** Throws bad input if the engine lacks half precision, or if WebGPU says that its GPU does. */
export async function requireHalfPrecision(
  { device }: Pick<Engine, "device"> = currentEngine(),
  ask: AskForAdapter = askForAdapter,
): Promise<void> {
  halfPrecision();
  if (device !== "webgpu") return;
  const adapter = await ask().catch(() => null);
  if (!adapter || adapter.features.has("shader-f16")) return; // without an answer, the driver will say
  const name = adapter.info.description || "a GPU";
  throw lacking("a GPU with 16-bit floats (shader-f16)", `${name} without them`, "Take --precision fp32.");
}

const lacking = (expected: string, found: string, todo: string) =>
  badInput({ expected, found, at: "--precision fp16", todo });
