/** ONNX Runtime's native binding: synchronous, and run straight into arrays of ours. */
import { createRequire } from "node:module";
import type { HostArray } from "./value.ts";

/** A tensor as the binding takes it; it reads and writes `data` in place. */
export interface NativeTensor {
  readonly data: HostArray;
}

/** A compiled graph. */
export interface Session {
  run(feeds: Record<string, NativeTensor>, fetches: Record<string, NativeTensor>): void;
  dispose(): void;
}

/**
 * Where a graph has its intermediate values: in memory that it asks the system for at each run, in an arena that it keeps,
 * or in one block of it, planned after the first run.
 */
export type MemoryUse = "system" | "arena" | "planned";

export interface Runtime {
  tensor(type: string, data: HostArray, shape: readonly number[]): NativeTensor;
  compile(model: Uint8Array, memory: MemoryUse): Session;
}

interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: unknown): void;
  run(feeds: Record<string, NativeTensor>, fetches: Record<string, NativeTensor>, options: unknown): void;
  dispose(): void;
}

interface Native {
  binding: { InferenceSession: new () => NativeSession };
  initOrt(): void;
}

interface Common {
  Tensor: new (type: string, data: HostArray, shape: readonly number[]) => NativeTensor;
}

/** Loads the binding, the same copy that every other user of onnxruntime-node in the process has. */
export function loadRuntime(threads: number): Runtime {
  const here = createRequire(import.meta.url);
  const require = createRequire(here.resolve("onnxruntime-node"));
  const { binding, initOrt } = require("./binding.js") as Native;
  const { Tensor } = require("onnxruntime-common") as Common;
  initOrt();
  const options = {
    intraOpNumThreads: threads,
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
  return {
    tensor: (type, data, shape) => new Tensor(type, data, shape),
    compile(model, memory) {
      const session = new binding.InferenceSession();
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        ...options,
        enableCpuMemArena: memory !== "system",
        enableMemPattern: memory === "planned",
      });
      return {
        run: (feeds, fetches) => session.run(feeds, fetches, {}),
        dispose: () => session.dispose(),
      };
    },
  };
}
