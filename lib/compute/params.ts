import type * as tf from "@tensorflow/tfjs-core";

/**
 * Parameters of a model: a flat record keyed by PyTorch-style names (`text_to_audio.q_proj.weight`; linear weights are
 * `[out, in]`), so that a checkpoint opens in Python too and a name prefix says what trains.
 */
export type Params = Record<string, tf.Variable>;

/** Frees every parameter. */
export function disposeParams(params: Params): void {
  for (const name in params) params[name].dispose();
}

/** Parameters whose names start so. */
export const paramsUnder = (params: Params, start: string): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith(start)));
