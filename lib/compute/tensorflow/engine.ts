/** TensorFlow's own library under TensorFlow.js, through `@tensorflow/tfjs-node` or `tfjs-node-gpu`. */
import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { badInput } from "../../errors.ts";
import { type Engine, type EngineStats, noStats } from "../stats.ts";
import { type InstalledPackage, installedPackage, PACKAGE_FOLDER } from "./package.ts";

const BACKEND = "tensorflow";

/** The parts of the native addon that we use. */
interface Binding {
  TF_Version: string;
  isUsingGpuDevice(): boolean;
  executeOp(...call: unknown[]): unknown;
}

export interface TensorflowOptions {
  /** `cpu` hides the GPU from the library. */
  device: string;
  /** Number of the NVIDIA GPU; all of them by default. */
  gpu?: number;
  threads: number;
  /** Folder in which the package is installed. */
  folder?: string;
}

export interface TensorflowEngine extends Engine {
  /** Version of the library. */
  version: string;
}

let made: TensorflowEngine | undefined;

/**
 * Makes TensorFlow the current backend. The library is loaded once per process; its device and threads never
 * change after that. Throws bad input if it is not set up or does not load.
 */
export async function tensorflowEngine(options: TensorflowOptions): Promise<TensorflowEngine> {
  made ??= load(options);
  await tf.setBackend(BACKEND);
  return made;
}

function load({ device, gpu, threads, folder = PACKAGE_FOLDER }: TensorflowOptions): TensorflowEngine {
  const installed = installedPackage(folder);
  if (!installed?.addon) {
    throw badInput({
      expected: "the TensorFlow library",
      found: installed ? "its package without the native addon" : "none",
      at: folder,
      todo: "Set it up once with deno task setup-tensorflow, or leave --engine out.",
    });
  }
  configure(device, threads, gpu);
  try {
    return register(installed, installed.addon);
  } catch (cause) {
    throw badInput({
      expected: "a TensorFlow library that loads",
      found: cause instanceof Error ? cause.message : String(cause),
      at: installed.addon,
      todo: "Set it up again with deno task setup-tensorflow.",
    }, cause);
  }
}

/** Sets the environment variables that the library reads when it loads. Values that the user set are kept. */
function configure(device: string, threads: number, gpu?: number): void {
  const settings = {
    TF_CPP_MIN_LOG_LEVEL: "2",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    TF_NUM_INTRAOP_THREADS: `${threads}`,
    TF_NUM_INTEROP_THREADS: `${threads}`,
    ...(device === "cpu" ? { CUDA_VISIBLE_DEVICES: "-1" } : {}),
    ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: `${gpu}` }),
  };
  for (const [name, value] of Object.entries(settings)) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
}

function register({ name, root }: InstalledPackage, addon: string): TensorflowEngine {
  // The package still calls these functions; Node removed them from `util`, and so did Deno.
  const dropped = { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray };
  for (const [key, check] of Object.entries(dropped)) {
    if (!(key in util)) Object.assign(util, { [key]: check });
  }
  const require = createRequire(join(root, "package.json"));
  require("./dist/register_all_kernels.js");
  const { NodeJSKernelBackend } = require("./dist/nodejs_kernel_backend.js");
  const binding: Binding = require(addon);
  const stats = noStats();
  tf.registerBackend(BACKEND, () => new NodeJSKernelBackend(counting(binding, stats), name));
  return {
    name: "tensorflow",
    version: binding.TF_Version,
    device: binding.isUsingGpuDevice() ? "cuda" : "cpu",
    memory: "host",
    flush() {},
    stats: () => ({ ...stats, fallbacks: {} }),
    resetStats: () => void Object.assign(stats, noStats()),
  };
}

/** Wraps the binding so that it counts and times its operations. */
function counting(binding: Binding, stats: EngineStats): Binding {
  const executeOp = (...call: unknown[]) => {
    const start = performance.now();
    try {
      return binding.executeOp(...call);
    } finally {
      stats.nodes++;
      stats.runMs += performance.now() - start;
    }
  };
  return Object.create(binding, { executeOp: { value: executeOp } });
}
