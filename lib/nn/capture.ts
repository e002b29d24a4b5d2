import { type Captured, captureStep, type Step } from "../compute/mod.ts";
import type { ForwardContext } from "./context.ts";
import type { Params } from "./params.ts";

/**
 * A step of a forward pass, and of its gradients if you like, that is called again and again: see `captureStep`.
 *
 * @example
 * ```ts
 * import { capture, inference, linearInit, linearLayer, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const params = linearInit(1, "classifier", 2, 3);
 * const step = capture(({ x }) => ({ logits: linearLayer(params, "classifier", x) }), params);
 * const { logits } = await step.run({ x: { data: Float32Array.of(1, 2), shape: [1, 2] } }, inference);
 * console.log(logits); // Float32Array of 3
 * step.dispose();
 * ```
 */
export const capture = (
  step: Step<ForwardContext>,
  variables: Params = {},
): Captured<ForwardContext> =>
  captureStep(step, variables, {
    keysOf: ({ dropout }) => dropout,
    variantOf: ({ training }) => training ? "training" : "",
  });
