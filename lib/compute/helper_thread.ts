/** A thread that runs parts of loops for another one. */
import { parentPort, workerData } from "node:worker_threads";
import { bindModule, type Bound } from "../simd/mod.ts";
import { zeroesDenormals } from "./denormals.ts";

/** What the thread starts with. */
export interface Start {
  /**
   * One number: which run is asked for, counted from 1. The thread that takes it on changes it: the helper to
   * its negative, and to 0 when it is done; the asking thread to 0. So a run has exactly one of them.
   */
  turn: Int32Array;
  /** Whether the asking thread takes denormal numbers for zero. */
  zeroes: boolean;
}

/** A run that is asked for. */
export interface Run {
  number: number;
  /** Which loop, and the loop itself if it is new. */
  loop: number;
  bind?: { module: WebAssembly.Module; memory: WebAssembly.Memory };
  args: readonly number[];
}

const { turn, zeroes } = workerData as Start;
const loops: Bound[] = [];

function take({ number, loop, bind, args }: Run): void {
  if (bind) loops[loop] = bindModule(bind.module, bind.memory);
  if (Atomics.compareExchange(turn, 0, number, -number) !== number) return;
  loops[loop].run(...args);
  Atomics.store(turn, 0, 0);
  Atomics.notify(turn, 0);
}

// Two parts of an array must be rounded alike.
if (zeroesDenormals() === zeroes) {
  parentPort!.on("message", take);
  parentPort!.postMessage("ready");
}
