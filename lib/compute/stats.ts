/** The interface of an engine, and its statistics. */
import type * as tf from "@tensorflow/tfjs-core";
import type { DrawKeys } from "./draw.ts";
import type { Feed, Variables } from "./feed.ts";

/** Statistics of an engine since the start or the last reset. */
export interface EngineStats {
  /** Graphs run. */
  flushes: number;
  /** Graphs compiled. */
  compiles: number;
  /** Time spent compiling, in ms. */
  compileMs: number;
  /** Time spent inside the native runtime, in ms. */
  runMs: number;
  /** Operations in the graphs that ran. */
  nodes: number;
  /** Steps that were recorded. The others were replayed without a call, or can't be. */
  recordings: number;
  /** Calls per kernel that the engine lacks and left to plain TensorFlow.js. */
  fallbacks: Record<string, number>;
  /** Compiled graphs with operators that the device lacks; the host computes these operators. */
  graphsUsingHost: number;
  /** Bytes copied from the host to the device. */
  uploadedBytes: number;
  /** Bytes copied from the device to the host. */
  downloadedBytes: number;
  /** Bytes of values currently on the device. */
  residentBytes: number;
}

/** Returns statistics of 0. */
export const noStats = (): EngineStats => ({
  flushes: 0,
  compiles: 0,
  compileMs: 0,
  runMs: 0,
  nodes: 0,
  recordings: 0,
  fallbacks: {},
  graphsUsingHost: 0,
  uploadedBytes: 0,
  downloadedBytes: 0,
  residentBytes: 0,
});

/** Runs the kernels of TensorFlow.js. */
export interface Engine {
  /** Name of the engine. */
  name: "onnx" | "tensorflow" | "cpu";
  /** Device that computes. */
  device: "cpu" | "webgpu" | "cuda";
  /**
   * Where tensors live. On `device`, reading a tensor is a download, so optimiser steps belong in the graph.
   */
  memory: "host" | "device";
  /** Runs pending operations, so that a step's work is done when it ends. */
  flush(): void;
  /**
   * Records a step so that it can be replayed without being called. Absent if the engine cannot record.
   * @internal
   */
  record?: Recorder;
  /**
   * The same for steps whose outputs stay on the device. Absent if tensors live on the host.
   * @internal
   */
  recordOnDevice?: DeviceRecorder;
  /**
   * Calls `record`, and lets the products of matrices and the convolutions in it read their factors as 16-bit
   * floats. Absent if the engine cannot.
   * @internal
   */
  inHalfPrecision?<T>(record: () => T): T;
  /** Returns the statistics so far. */
  stats(): EngineStats;
  /** Resets the statistics to 0. */
  resetStats(): void;
}

/** A recorded step that can be replayed on other numbers. */
export interface RecordedStep {
  /**
   * Says how the other recording differs in more than the numbers of inputs, variables and draws; undefined
   * if it does not.
   */
  difference(other: RecordedStep): string | undefined;
  /**
   * Whether the other recording has the same operators with the same origins of their inputs, in any shapes
   * and with any constants.
   */
  resembles(other: RecordedStep): boolean;
  /**
   * Replays the step with these inputs, the current variables and new draws. Writes each output to its array
   * in `into`, or to an array that the next run overwrites. Returns undefined if the step must be recorded
   * again.
   */
  run(
    feed: Feed,
    keys: DrawKeys,
    into: Record<string, Float32Array>,
  ): Record<string, Float32Array> | undefined;
  dispose(): void;
}

/** A recording, or the reason why the step cannot be replayed: "it reads numbers". */
export type Recorded = { recording: RecordedStep } | { reason: string };

/**
 * Runs a step on its inputs, as `tf.tidy` does, and records it if possible. Computes the outputs and writes
 * each one to its array in `into`, if there is one. Recordings for one `owner` share the arrays of their
 * other outputs and of their draws.
 */
export type Recorder = (
  step: (inputs: Record<string, tf.Tensor>) => tf.NamedTensorMap,
  feed: Feed,
  variables: Variables,
  into: Record<string, Float32Array>,
  owner: object,
) => { outputs: tf.NamedTensorMap; recorded: Recorded };

/** A recorded step whose variables and outputs stay on a device. */
export interface DeviceRecording {
  /** As in `RecordedStep`. */
  difference(other: DeviceRecording): string | undefined;
  /** As in `RecordedStep`. */
  resembles(other: DeviceRecording): boolean;
  /**
   * Replays the step with these inputs, variables and new draws. Returns tensors that the caller disposes, or
   * undefined if the step must be recorded again.
   */
  run(feed: Feed, keys: DrawKeys, variables: tf.NamedTensorMap): tf.NamedTensorMap | undefined;
  dispose(): void;
}

/**
 * Runs a step on its inputs, as `tf.tidy` does, and records it if possible. Reading the outputs in `read` is
 * then no further transfer.
 */
export type DeviceRecorder = (
  step: (inputs: Record<string, tf.Tensor>) => tf.NamedTensorMap,
  feed: Feed,
  variables: tf.NamedTensorMap,
  read: readonly string[],
) => { outputs: tf.NamedTensorMap; recorded: { recording: DeviceRecording } | { reason: string } };
