/** ONNX Runtime's native binding, called synchronously; it writes directly into our arrays. */
import { createRequire } from "node:module";
import { disableTelemetry } from "../../telemetry.ts";
import { UNREADABLE } from "./compile.ts";
import type { HostArray, NativeTensor } from "./value.ts";

/** A compiled graph. */
export interface Session {
  /**
   * Runs the graph. Fills the tensors in `fetches`; outputs that are null there are allocated on the device.
   */
  run(
    feeds: Record<string, NativeTensor>,
    fetches: Record<string, NativeTensor | null>,
  ): Record<string, NativeTensor>;
  dispose(): void;
  /** Whether the host computes operators that the device lacks, with copies there and back. */
  readonly usesHost: boolean;
}

/** Devices besides the CPU, by ONNX Runtime's names. */
export type Provider = "webgpu" | "cuda";

export interface Runtime {
  /** Whether graphs run on the CPU, where they write outputs directly into the caller's arrays. */
  onHost: boolean;
  tensor(type: string, data: HostArray, shape: readonly number[]): NativeTensor;
  /** Returns the same device buffer in another shape. Disposing it frees the original. */
  view(tensor: NativeTensor, shape: readonly number[]): NativeTensor;
  compile(model: Uint8Array, options?: CompileOptions): Session;
}

/**
 * Where a graph keeps its intermediate values: in memory from the system at each run, in an arena, or in one
 * arena block that is planned after the first run.
 */
export type MemoryUse = "system" | "arena" | "planned";

export interface CompileOptions {
  /** Memory for intermediate values on the host. */
  memory?: MemoryUse;
  /** Outputs that stay on the device. */
  resident?: readonly string[];
  /** Whether the model's first output is `UNREADABLE`. The session's runs then return no tensors. */
  unreadable?: boolean;
}

interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: unknown): void;
  run(
    feeds: Record<string, NativeTensor>,
    fetches: Record<string, NativeTensor | null>,
    options: unknown,
  ): Record<string, NativeTensor>;
  dispose(): void;
}

interface Native {
  binding: { InferenceSession: new () => NativeSession; listSupportedBackends(): { name: string }[] };
  initOrt(): void;
}

interface Common {
  Tensor: {
    new (type: string, data: HostArray, shape: readonly number[]): NativeTensor;
    fromGpuBuffer(
      buffer: unknown,
      options: { dataType: string; dims: readonly number[]; dispose(): void },
    ): NativeTensor;
  };
}

/** Loads the binding: the copy that all users of onnxruntime-node in this process share. */
function native(): Native & Common {
  disableTelemetry();
  const here = createRequire(import.meta.url);
  const require = createRequire(here.resolve("onnxruntime-node"));
  const { binding, initOrt } = require("./binding.js") as Native;
  const { Tensor } = require("onnxruntime-common") as Common;
  return { binding, initOrt, Tensor };
}

/**
 * Whether this build of ONNX Runtime includes a provider. The provider may still not work on this machine.
 */
export const knows = (provider: Provider): boolean =>
  native().binding.listSupportedBackends().some(({ name }) => name === provider);

const PROVIDERS = {
  cpu: { name: "cpu" },
  // With the default layout, consecutive convolutions along a single axis give wrong results.
  webgpu: { name: "webgpu", preferredLayout: "NCHW" },
  cuda: { name: "cuda" },
};

/** Returns a provider with its options. CUDA's GPUs have numbers; WebGPU's have none. */
export const providerOptions = (provider?: Provider, gpu?: number): Record<string, unknown> => ({
  ...PROVIDERS[provider ?? "cpu"],
  ...provider === "cuda" && gpu !== undefined && { deviceId: gpu },
});

/**
 * Loads ONNX Runtime on the CPU, or on a device with the CPU as fallback for missing operators. `gpu` is the
 * number of a CUDA device.
 */
export function loadRuntime(threads: number, provider?: Provider, gpu?: number): Runtime {
  const { binding, initOrt, Tensor } = native();
  initOrt();
  const options = {
    executionProviders: [providerOptions(provider, gpu)],
    intraOpNumThreads: provider ? 1 : threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // On the CPU, our graphs run equally fast without ONNX Runtime's optimiser, because most of its fusions
    // need constant weights, and ours are inputs. Without it, a graph compiles in half the time. Results
    // differ by rounding: by 5e-8 of the loss after two epochs of fine-tuning.
    graphOptimizationLevel: provider ? "all" : "disabled",
    logSeverityLevel: 4, // errors arrive as exceptions
    extra: {
      session: {
        // Threads spin while their session runs, so that each operator finds them awake. Each session has its
        // own threads; if they spun after the run, sessions would compete for the cores.
        intra_op: { allow_spinning: "1" },
        force_spinning_stop: "1",
        // Optimiser slots and saturated gradients decay into denormals, which are a hundred times slower than
        // zero. This setting affects our own thread too: from then on, JavaScript treats numbers below
        // 2.2e-308 as 0.
        set_denormal_as_zero: "1",
      },
    },
  };
  const load = ({ buffer, byteOffset, byteLength }: Uint8Array, more: object) => {
    const session = new binding.InferenceSession();
    session.loadModel(buffer, byteOffset, byteLength, { ...options, ...more });
    return session;
  };
  return {
    onHost: !provider,
    tensor: (type, data, shape) => new Tensor(type, data, shape),
    view: (tensor, dims) =>
      Tensor.fromGpuBuffer(tensor.gpuBuffer, {
        dataType: tensor.type,
        dims,
        dispose: () => tensor.dispose(),
      }),
    compile(model, { memory = "system", resident = [], unreadable = false } = {}) {
      const arenas = { enableCpuMemArena: memory !== "system", enableMemPattern: memory === "planned" };
      if (!provider) return (unreadable ? inPlace : plain)(load(model, arenas));
      const located = resident.map((name) => [name, "gpu-buffer"]);
      const placed = {
        ...arenas,
        ...located.length && { preferredOutputLocation: Object.fromEntries(located) },
      };
      const { session: entries } = options.extra;
      const alone = { ...placed, extra: { session: { ...entries, disable_cpu_ep_fallback: "1" } } };
      try {
        return lending(load(model, alone), false);
      } catch (error) {
        if (!(error as Error).message.includes("fallback to CPU EP")) throw error;
        return lending(load(model, placed), true);
      }
    },
  };
}

const plain = (session: NativeSession): Session => ({
  run: (feeds, fetches) => session.run(feeds, fetches, {}),
  dispose: () => session.dispose(),
  usesHost: false,
});

/** The binding's error when it converts an output of a type that JavaScript lacks, after a complete run. */
const NO_TENSOR = "Non tensor type is temporarily not supported.";

/**
 * Wraps a session whose first output is `UNREADABLE`: the outputs are in the arrays of `fetches`, and the
 * binding does not copy them. The copies would take about a tenth of a step of BERT base, and as much memory
 * as its gradients.
 */
const inPlace = (session: NativeSession): Session => ({
  run(feeds, fetches) {
    try {
      session.run(feeds, { [UNREADABLE]: null, ...fetches }, {});
    } catch (error) {
      if ((error as Error).message !== NO_TENSOR) throw error;
    }
    return {};
  },
  dispose: () => session.dispose(),
  usesHost: false,
});

/**
 * Sessions whose outputs on the device are still in use. The reference keeps the collector from ending them
 * first.
 */
const lenders = new Set<NativeSession>();

/**
 * Wraps a session that owns the memory of its outputs on the device: it ends only after the last of them is
 * freed.
 */
function lending(session: NativeSession, usesHost: boolean): Session {
  let lent = 0, disposed = false;
  const release = () => {
    if (lent > 0) return;
    lenders.delete(session);
    if (disposed) session.dispose();
  };
  return {
    run(feeds, fetches) {
      const made = session.run(feeds, fetches, {});
      for (const tensor of Object.values(made)) {
        if (tensor.location !== "gpu-buffer") continue;
        const free = tensor.dispose.bind(tensor);
        lent++;
        lenders.add(session);
        tensor.dispose = () => {
          free();
          lent--;
          release();
        };
      }
      return made;
    },
    dispose() {
      disposed = true;
      release();
    },
    usesHost,
  };
}
