import type { Variables } from "../compute/mod.ts";

/**
 * Parameters of a model, keyed by PyTorch-style names (`text_to_audio.q_proj.weight`; linear weights are
 * `[out, in]`). A checkpoint thus opens in Python too, and a name prefix selects the parameters to train.
 */
export type Params = Variables;

/**
 * Disposes every parameter.
 *
 * @example
 * ```ts
 * import { disposeParams, linearInit } from "@undertone/undertone/nn";
 *
 * disposeParams(linearInit(1, "classifier", 8, 3));
 * ```
 */
export function disposeParams(params: Params): void {
  for (const name in params) params[name].dispose();
}

/**
 * Returns the parameters whose names start with `start`.
 *
 * @example
 * ```ts
 * import { linearInit, paramsUnder } from "@undertone/undertone/nn";
 *
 * const params = { ...linearInit(1, "hidden", 8, 4), ...linearInit(1, "classifier", 4, 3) };
 * const names = Object.keys(paramsUnder(params, "hidden.")); // hidden.weight, hidden.bias
 * ```
 */
export const paramsUnder = (params: Params, start: string): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith(start)));
