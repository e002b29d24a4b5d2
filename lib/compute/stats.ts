/** An engine as a value, and what it tells of itself. */
import type * as tf from "@tensorflow/tfjs-core";
import type { DrawKeys } from "./draw.ts";
import type { Feed, Variables } from "./feed.ts";

/** What an engine has done since the start or the last reset. */
export interface EngineStats {
  /** Graphs run. */
  flushes: number;
  /** Graphs compiled. */
  compiles: number;
  /** Time that compiling took, in ms. */
  compileMs: number;
  /** Time inside the native runtime, in ms. */
  runMs: number;
  /** Operations in the graphs run. */
  nodes: number;
  /** Calls per kernel that the engine could not do itself. */
  fallbacks: Record<string, number>;
  /** Graphs compiled of which the device lacks some operators, so that the host does these. */
  graphsUsingHost: number;
  /** Bytes that graphs took from the host to the device. */
  uploadedBytes: number;
  /** Bytes that came back. */
  downloadedBytes: number;
  /** Bytes that values take on the device now. */
  residentBytes: number;
}

/** Nothing done yet. */
export const noStats = (): EngineStats => ({
  flushes: 0,
  compiles: 0,
  compileMs: 0,
  runMs: 0,
  nodes: 0,
  fallbacks: {},
  graphsUsingHost: 0,
  uploadedBytes: 0,
  downloadedBytes: 0,
  residentBytes: 0,
});

/** What runs the kernels of TensorFlow.js. */
export interface Engine {
  /** Which engine. */
  name: "onnx" | "tensorflow" | "cpu";
  /** Where it computes. */
  device: "cpu" | "webgpu" | "cuda";
  /** Where tensors live: `device` where reading one is a download, so that an optimiser's step belongs in the graph. */
  memory: "host" | "device";
  /** Runs what is pending, so that a step's work is done when it ends. */
  flush(): void;
  /**
   * Records a step so that it can run again without being called; absent where an engine can't.
   * @internal
   */
  record?: Recorder;
  /** What it has done so far. */
  stats(): EngineStats;
  /** Counts from 0 again. */
  resetStats(): void;
}

/** A step as it ran once, ready to run again on other numbers. */
export interface RecordedStep {
  /** How the other differs in more than the numbers of inputs, variables and draws; undefined where it does not. */
  difference(other: RecordedStep): string | undefined;
  /**
   * Runs it on these inputs, the variables as they are and new draws; outputs go to `into` where they have an array there,
   * else to arrays that the next run overwrites. Undefined where it must be recorded anew.
   */
  run(
    feed: Feed,
    keys: DrawKeys,
    into: Record<string, Float32Array>,
  ): Record<string, Float32Array> | undefined;
  dispose(): void;
}

/** A recording, or why the step can't run again without being called: "it reads numbers". */
export type Recorded = { recording: RecordedStep } | { reason: string };

/**
 * Runs a step on its inputs, as `tf.tidy` does, and tells how to do it again, if that can be told. Outputs are computed, those
 * with an array in `into` there.
 */
export type Recorder = (
  step: (inputs: Record<string, tf.Tensor>) => tf.NamedTensorMap,
  feed: Feed,
  variables: Variables,
  into: Record<string, Float32Array>,
) => { outputs: tf.NamedTensorMap; recorded: Recorded };
