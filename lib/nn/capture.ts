import { type Captured, captureStep, type Step } from "../compute/mod.ts";
import type { ForwardContext } from "./context.ts";
import type { Params } from "./params.ts";

/**
 * A step of a forward pass, and of its gradients if you like, that is called again and again: see `captureStep`.
 */
export const capture = (
  step: Step<ForwardContext>,
  variables: Params = {},
): Captured<ForwardContext> =>
  captureStep(step, variables, {
    keysOf: ({ dropout }) => dropout,
    variantOf: ({ training }) => training ? "training" : "",
  });
