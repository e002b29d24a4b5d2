/** Threads that share the elementwise loops of one caller, e.g. the update of large parameters. */
import { Worker } from "node:worker_threads";
import { type Bound, type Helper, helpWith, mayShare } from "../simd/mod.ts";
import { mayLoad } from "../may_load.ts";
import { zeroesDenormals } from "./denormals.ts";
import { wantedThreads } from "./engine.ts";
import type { Run, Start } from "./helper_thread.ts";

/** Helpers of one caller. Disposing ends them; loops then run in one thread again. */
export interface Helpers extends Disposable {
  /** Lets them take part in loops on a memory that `simdArrays` has made with `shared`. */
  help(memory: WebAssembly.Memory): void;
}

/** Most threads of a loop: it waits for memory, and a few threads wait as long as many. */
const MOST = 4;

/**
 * Starts helpers, one fewer than the engine's threads. Returns undefined if one thread is wanted, or memory
 * can't be shared. Until a helper has started, and if it fails, the caller does its part.
 */
export function startHelpers(
  { module = new URL("./helper_thread.ts", import.meta.url), zeroes = zeroesDenormals } = {},
): Helpers | undefined {
  const count = Math.min(wantedThreads(), MOST) - 1;
  if (count < 1 || !mayShare() || !mayLoad(module)) return undefined;
  const threads = Array.from({ length: count }, () => helperThread(module, zeroes));
  const memories = new Set<WebAssembly.Memory>();
  return {
    help(memory) {
      helpWith(memory, threads);
      memories.add(memory);
    },
    [Symbol.dispose]() {
      for (const memory of memories) helpWith(memory, []);
      for (const thread of threads) thread[Symbol.dispose]();
    },
  };
}

/** A helper, whose thread starts when it is first asked: it inherits how this thread rounds. */
function helperThread(module: URL, zeroes: () => boolean): Helper & Disposable {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const loops = new Map<Bound, number>(); // those that the thread has, by their numbers
  let worker: Worker | undefined, isReady = false, zeroed = false, number = 0;
  const start = () => {
    zeroed = zeroes();
    worker = new Worker(module, { workerData: { turn, zeroes: zeroed } satisfies Start });
    worker.once("message", () => isReady = true).on("error", () => isReady = false);
    worker.unref();
  };
  return {
    ask(bound, args) {
      if (!worker) start();
      // The first graph may have changed how this thread rounds since then.
      if (!isReady || zeroes() !== zeroed) return () => false;
      const { module, memory } = bound, bind = loops.has(bound) ? undefined : { module, memory };
      if (bind) loops.set(bound, loops.size);
      const loop = loops.get(bound)!;
      const asked = number = number % 2 ** 30 + 1;
      Atomics.store(turn, 0, asked);
      worker!.postMessage({ number: asked, loop, bind, args } satisfies Run);
      return () => {
        if (Atomics.compareExchange(turn, 0, asked, 0) === asked) return false;
        while (Atomics.load(turn, 0) === -asked) Atomics.wait(turn, 0, -asked);
        return true;
      };
    },
    [Symbol.dispose]: () => void worker?.terminate(),
  };
}
