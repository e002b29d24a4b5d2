/** An engine as a value, and what it tells of itself. */
import type { Recorder } from "./recording.ts";

/** What an engine has done since the start or the last reset. */
export interface EngineStats {
  /** Graphs run. */
  flushes: number;
  /** Graphs compiled, and the time that took in ms. */
  compiles: number;
  compileMs: number;
  /** Time inside the native runtime, in ms. */
  runMs: number;
  /** Operations in the graphs run. */
  nodes: number;
  /** Calls per kernel that the engine could not do itself. */
  fallbacks: Record<string, number>;
}

/** Nothing done yet. */
export const noStats = (): EngineStats => ({
  flushes: 0,
  compiles: 0,
  compileMs: 0,
  runMs: 0,
  nodes: 0,
  fallbacks: {},
});

/** What runs the kernels of TensorFlow.js. */
export interface Engine {
  name: "onnx" | "tensorflow" | "cpu";
  device: "cpu" | "cuda";
  /** Runs what is pending, so that a step's work is done when it ends. */
  flush(): void;
  /** Records a step so that it can run again without being called; absent where an engine can't. */
  record?: Recorder;
  stats(): EngineStats;
  resetStats(): void;
}
