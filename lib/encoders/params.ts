/** The weights of a network as variables on an engine. */
import * as tf from "@tensorflow/tfjs-core";
import { disposeParams, type Params } from "../nn/mod.ts";
import type { Weights } from "./encoder.ts";

/**
 * Creates parameters from weights on the current engine. Engines in host memory share the arrays without a
 * copy.
 */
export function paramsFrom(weights: Weights): Params {
  const params: Params = {};
  for (const [name, { data, shape }] of Object.entries(weights)) {
    params[name] = tf.tidy(() => tf.variable(tf.tensor(data, shape)));
  }
  return params;
}

/** Holds one set of variables for these weights on the current engine. */
export function variablesOf(weights: Weights): { onEngine(): Params; release(): void } {
  let made: { params: Params; backend: tf.KernelBackend } | undefined;
  const release = () => {
    if (made) disposeParams(made.params);
    made = undefined;
  };
  return {
    onEngine(): Params {
      if (made?.backend !== tf.backend()) {
        release();
        made = { params: paramsFrom(weights), backend: tf.backend() };
      }
      return made!.params;
    },
    release,
  };
}
