import type * as tf from "@tensorflow/tfjs-core";
import type { DropoutKeys } from "./drawn.ts";
import type { Feed } from "./feed.ts";
import type { Params } from "./params.ts";

/** A step as it ran once, ready to run again on other numbers. */
export interface Recording {
  /** Whether the other differs in nothing but the numbers of inputs, variables and draws. */
  same(other: Recording): boolean;
  /**
   * Runs it on these inputs, the variables as they are and new draws; outputs go to `into` where they have an array there,
   * else to arrays that the next run overwrites. Undefined where it must be recorded anew.
   */
  run(
    feed: Feed,
    keys: DropoutKeys,
    into: Record<string, Float32Array>,
  ): Record<string, Float32Array> | undefined;
  dispose(): void;
}

/**
 * Runs a step on its inputs, as `tf.tidy` does, and tells how to do it again, if that can be told. Outputs are computed, those
 * with an array in `into` there.
 */
export type Recorder = (
  step: (inputs: Record<string, tf.Tensor>) => tf.NamedTensorMap,
  feed: Feed,
  variables: Params,
  into: Record<string, Float32Array>,
) => { outputs: tf.NamedTensorMap; recording?: Recording };
