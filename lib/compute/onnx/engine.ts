/** The default engine: runs the TensorFlow.js kernels of a step as one ONNX graph, on ONNX Runtime. */
import { totalmem } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import { debug } from "../debug.ts";
import { type Engine, noStats } from "../stats.ts";
import { OnnxBackend } from "./backend.ts";
import { type Device, keepsValues, openDevice } from "./device.ts";
import { deviceMemory } from "./device_memory.ts";
import { runOnCpu } from "./fallback.ts";
import { lazyGraph } from "./graph.ts";
import { halfProducts } from "./half_products.ts";
import { BACKEND, type Call, mapped } from "./kernel.ts";
import "./kernels/mod.ts";
import { hostMemory } from "./memory.ts";
import { bufferPool } from "./pool.ts";
import { recordStep } from "./record.ts";
import { recordAndRead, recordOnDevice } from "./record_on_device.ts";
import { sessionStore } from "./sessions.ts";
import { reportSessions } from "./session_report.ts";
import { forWebgpu } from "./webgpu_operators.ts";

/** Most bytes of idle buffers kept for the next graph. */
const POOL_BYTES = 2 ** 28;
/** Most compiled graphs kept: one per batch shape and kind of step, each with its own threads. */
const SESSIONS = 128;
/** Share of the machine's memory that the arenas of these graphs may take, and a bound on it. */
const ARENA_SHARE = 1 / 8, MOST_ARENA_BYTES = 2 ** 32;

let made: { threads: number; gpu?: number; engine: Engine } | undefined;

/**
 * Makes this engine the current one. A change of device or threads restarts it without its tensors. If the
 * device cannot be used, throws bad input and changes nothing.
 */
export async function onnxEngine(device: Device, threads: number, gpu?: number): Promise<Engine> {
  if (made?.threads !== threads || made.engine.device !== device || made.gpu !== gpu) {
    const start = prepare(device, threads, gpu);
    if (made) tf.removeBackend(BACKEND);
    else registerFallbacks();
    made = { threads, gpu, engine: start() };
  }
  await tf.setBackend(BACKEND);
  return made.engine;
}

function prepare(device: Device, threads: number, gpu?: number): () => Engine {
  const stats = noStats();
  const pool = bufferPool(POOL_BYTES);
  const runtime = openDevice(device, threads, gpu);
  const memory = keepsValues(device) ? deviceMemory(runtime, pool, stats) : hostMemory(runtime, pool);
  const arenaBytes = Math.min(totalmem() * ARENA_SHARE, MOST_ARENA_BYTES);
  const store = sessionStore({ count: SESSIONS, arenaBytes });
  const plain = lazyGraph(memory, debug.sessions ? reportSessions(store) : store, stats);
  const half = halfProducts(plain, { emulated: device === "cpu" });
  const graph = device === "webgpu" ? forWebgpu(half.graph) : half.graph;
  return () => {
    tf.registerBackend(BACKEND, () => new OnnxBackend(graph, memory, stats));
    return {
      name: "onnx",
      device,
      memory: memory.kind,
      flush: () => void graph.flush(),
      inHalfPrecision: half.within,
      ...memory.kind === "host" ? { record: recordStep } : { record: recordAndRead, recordOnDevice },
      stats: () => ({ ...stats, fallbacks: { ...stats.fallbacks } }),
      resetStats: () => void Object.assign(stats, noStats(), { residentBytes: stats.residentBytes }),
    };
  };
}

/** Registers every kernel of the cpu backend that has no node yet. */
function registerFallbacks(): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (mapped.has(kernelName)) continue;
    const kernelFunc = ({ inputs, attrs, backend }: Call) =>
      runOnCpu(kernelName, inputs, attrs, backend as OnnxBackend, true);
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: kernelFunc as unknown as tf.KernelFunc,
    });
  }
}
