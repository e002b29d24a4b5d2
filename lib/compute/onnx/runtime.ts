/** ONNX Runtime's native binding: synchronous, and run straight into arrays of ours. */
import { createRequire } from "node:module";
import type { HostArray, NativeTensor } from "./value.ts";

/** A compiled graph. */
export interface Session {
  /** Fills the tensors of `fetches`; makes those that are null on the device. */
  run(
    feeds: Record<string, NativeTensor>,
    fetches: Record<string, NativeTensor | null>,
  ): Record<string, NativeTensor>;
  dispose(): void;
  /** Some operators have no kernel on the device: the host does them, with copies there and back. */
  readonly usesHost: boolean;
}

/** What runs graphs beside the CPU, as ONNX Runtime calls it. */
export type Provider = "webgpu" | "cuda";

export interface Runtime {
  tensor(type: string, data: HostArray, shape: readonly number[]): NativeTensor;
  /** The same buffer on the device in another shape; freed with the tensor it is from. */
  view(tensor: NativeTensor, shape: readonly number[]): NativeTensor;
  compile(model: Uint8Array, options?: CompileOptions): Session;
}

/**
 * Where a graph has its intermediate values: in memory that it asks the system for at each run, in an arena that it keeps,
 * or in one block of it, planned after the first run.
 */
export type MemoryUse = "system" | "arena" | "planned";

export interface CompileOptions {
  /** On the host. */
  memory?: MemoryUse;
  /** Outputs that stay on the device. */
  resident?: readonly string[];
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

/** The binding, the same copy that every other user of onnxruntime-node in the process has. */
function native(): Native & Common {
  const here = createRequire(import.meta.url);
  const require = createRequire(here.resolve("onnxruntime-node"));
  const { binding, initOrt } = require("./binding.js") as Native;
  const { Tensor } = require("onnxruntime-common") as Common;
  return { binding, initOrt, Tensor };
}

/** Whether this build of ONNX Runtime knows a provider; whether that one works here is another question. */
export const knows = (provider: Provider): boolean =>
  native().binding.listSupportedBackends().some(({ name }) => name === provider);

const PROVIDERS = {
  cpu: { name: "cpu" },
  // In the layout that it would choose, convolutions one after the other along a single axis come out wrong.
  webgpu: { name: "webgpu", preferredLayout: "NCHW" },
  cuda: { name: "cuda" },
};

/** ONNX Runtime on the CPU, or with what a device has no kernel for on the CPU. */
export function loadRuntime(threads: number, provider?: Provider): Runtime {
  const { binding, initOrt, Tensor } = native();
  initOrt();
  const options = {
    executionProviders: [PROVIDERS[provider ?? "cpu"]],
    intraOpNumThreads: provider ? 1 : threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 4, // errors arrive as exceptions
    extra: {
      session: {
        // Threads spin while their session works, so that each operator finds them awake. Every session has threads of its
        // own: spinning on after that, they would fight over the cores.
        intra_op: { allow_spinning: "1" },
        force_spinning_stop: "1",
        // Optimiser slots and saturated gradients decay into denormals, a hundred times slower than zero. This goes for
        // our own thread too: numbers below 2.2e-308 count as 0 in JavaScript from then on.
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
    tensor: (type, data, shape) => new Tensor(type, data, shape),
    view: (tensor, dims) =>
      Tensor.fromGpuBuffer(tensor.gpuBuffer, {
        dataType: tensor.type,
        dims,
        dispose: () => tensor.dispose(),
      }),
    compile(model, { memory = "system", resident = [] } = {}) {
      const arenas = { enableCpuMemArena: memory !== "system", enableMemPattern: memory === "planned" };
      if (!provider) return plain(load(model, arenas));
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

/** Sessions with outputs on the device that nobody has freed; the collector must not end them before these. */
const lenders = new Set<NativeSession>();

/** A session whose outputs may stay on the device: it owns their memory, so that it ends after the last of them. */
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
