import { type Captured, captureStep, type Step } from "../compute/mod.ts";
import type { ForwardContext } from "./context.ts";
import type { Params } from "./params.ts";

/**
 * Captures a step of a forward pass, with or without its gradients, for repeated calls: see `captureStep`.
 */
export const capture = (
  step: Step<ForwardContext>,
  variables: Params = {},
): Captured<ForwardContext> =>
  captureStep(step, variables, {
    keysOf: ({ dropout }) => dropout,
    variantOf: ({ training }) => training ? "training" : "",
  });
