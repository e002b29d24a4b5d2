import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { badInput, requireKnown } from "../errors.ts";
import type { Device } from "./onnx/device.ts";
import { type Engine, noStats } from "./stats.ts";

export interface EngineOptions {
  engine?: string;
  device?: string;
  /** Threads of the native runtime; default: one a core. */
  threads?: number;
}

/** The default first. */
export const ENGINES = ["onnx", "tensorflow", "cpu"] as const;

/** What an engine can compute on; `auto` is the CPU, unless the engine finds its own GPU. */
export const DEVICES = ["auto", "cpu", "webgpu", "cuda"] as const;

const devicesOf = {
  onnx: DEVICES,
  tensorflow: ["auto", "cpu", "cuda"],
  cpu: ["auto", "cpu"],
} as const;

let current: Engine | undefined;

/** Chooses what computes, once at start. Throws bad input for an engine or device that this build does not have. */
export async function useEngine(options: EngineOptions = {}): Promise<Engine> {
  const { engine = "onnx", device = "auto", threads } = options;
  requireKnown("an engine", engine, ENGINES, "--engine");
  requireKnown("a device", device, DEVICES, "--device");
  requireKnown(
    `a device of --engine ${engine}`,
    device,
    devicesOf[engine as keyof typeof devicesOf],
    "--device",
  );
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw badInput({
      expected: "a whole number of threads, at least 1",
      found: String(threads),
      at: "--threads",
      todo: "Leave it out to use every core.",
    });
  }
  greetNobody();
  if (engine === "cpu") {
    await tf.setBackend("cpu");
    return current = cpuEngine();
  }
  if (engine === "tensorflow") {
    const { tensorflowEngine } = await import("./tensorflow/engine.ts");
    return current = await tensorflowEngine({ device, threads: threads ?? navigator.hardwareConcurrency });
  }
  const { onnxEngine } = await import("./onnx/mod.ts");
  return current = await onnxEngine(
    device === "auto" ? "cpu" : device as Device,
    threads ?? navigator.hardwareConcurrency,
  );
}

/** The engine in use; throws when none was chosen yet. */
export function currentEngine(): Engine {
  if (!current) throw new Error("useEngine has not been called");
  return current;
}

/** The plain backend greets with a banner about Node when first used. */
function greetNobody(): void {
  (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
}

/** Plain TensorFlow.js: slow, and the reference in tests. */
function cpuEngine(): Engine {
  return { name: "cpu", device: "cpu", memory: "host", flush() {}, stats: noStats, resetStats() {} };
}
