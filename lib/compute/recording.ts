import type * as tf from "@tensorflow/tfjs-core";
import type { DrawKeys } from "./draw.ts";
import type { Feed, Variables } from "./feed.ts";

/** A step as it ran once, ready to run again on other numbers. */
export interface Recording {
  /** How the other differs in more than the numbers of inputs, variables and draws; undefined where it does not. */
  difference(other: Recording): string | undefined;
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
export type Recorded = { recording: Recording } | { reason: string };

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
