import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "./cpu_kernels.ts";
import { badInput, requireKnown } from "../errors.ts";
import { type Engine, noStats } from "./stats.ts";

/** Which engine computes, and on which device. */
export interface EngineOptions {
  /** `onnx` (the default), `tensorflow` or `cpu`. */
  engine?: string;
  /** `auto` (the default), `cpu`, `webgpu` or `cuda`. `cuda:1` is the second NVIDIA GPU. */
  device?: string;
  /** Threads of the native runtime; default: one per core. */
  threads?: number;
}

/** All engines; the default comes first. */
export const ENGINES = ["onnx", "tensorflow", "cpu"] as const;

/** All devices; `auto` is the CPU, unless TensorFlow finds its own GPU. */
export const DEVICES = ["auto", "cpu", "webgpu", "cuda"] as const;

/** Matches a device with or without the number of a GPU, such as `cuda:1`. */
export const DEVICE: RegExp = /^(auto|cpu|(webgpu|cuda)(:\d{1,3})?)$/;

const devicesOf = {
  onnx: DEVICES,
  tensorflow: ["auto", "cpu", "cuda"],
  cpu: ["auto", "cpu"],
} as const;

let current: Engine | undefined, threadsWanted: number | undefined;

/** Returns the threads that `useEngine` was last asked for; default: one per core. */
export const wantedThreads = (): number => threadsWanted ?? navigator.hardwareConcurrency;

/**
 * Selects the engine and device; call it once at start. Throws bad input for an engine or device that is not
 * available.
 *
 * @example
 * ```ts
 * import { useEngine } from "@undertone/undertone/nn";
 *
 * const { name, device } = await useEngine(); // onnx on the CPU
 * ```
 */
export async function useEngine(options: EngineOptions = {}): Promise<Engine> {
  const { threads } = options;
  const engine = requireKnown("an engine", options.engine ?? "onnx", ENGINES, "--engine");
  const known: readonly (typeof DEVICES)[number][] = devicesOf[engine];
  const wanted = options.device ?? "auto", numbered = DEVICE.test(wanted) && wanted.includes(":");
  const [name, number] = numbered ? wanted.split(":") : [wanted];
  const device = requireKnown(`a device of --engine ${engine}`, name, known, "--device");
  const gpu = number === undefined ? undefined : Number(number);
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw badInput({
      expected: "a whole number of threads, at least 1",
      found: String(threads),
      at: "--threads",
      todo: "Leave it out to use every core.",
    });
  }
  threadsWanted = threads;
  silenceBanner();
  if (engine === "cpu") {
    await tf.setBackend("cpu");
    return current = cpuEngine();
  }
  if (engine === "tensorflow") {
    const { tensorflowEngine } = await import("./tensorflow/engine.ts");
    const made = await tensorflowEngine({ device, gpu, threads: wantedThreads() });
    if (device === "cuda") requireCuda(made);
    return current = made;
  }
  const { onnxEngine } = await import("./onnx/mod.ts");
  return current = await onnxEngine(
    device === "auto" ? "cpu" : device,
    wantedThreads(),
    gpu,
  );
}

/** Throws bad input if the TensorFlow library silently fell back to the CPU. */
function requireCuda({ device }: Engine): void {
  if (device === "cuda") return;
  throw badInput({
    expected: "a TensorFlow library that uses an NVIDIA GPU",
    found: "one that computes on the CPU",
    at: "--device cuda",
    todo: "Install CUDA and run deno task setup-tensorflow again, or leave --device out.",
  });
}

/** Returns the current engine. Throws if none was chosen yet. */
export function currentEngine(): Engine {
  if (!current) throw new Error("useEngine has not been called");
  return current;
}

/** Suppresses the banner about Node that the plain backend prints on first use. */
function silenceBanner(): void {
  (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
}

/** Plain TensorFlow.js: slow; serves as the reference in tests. */
function cpuEngine(): Engine {
  return { name: "cpu", device: "cpu", memory: "host", flush() {}, stats: noStats, resetStats() {} };
}
