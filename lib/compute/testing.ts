/** Helpers for tests of the engine: steps with random draws, and the context that supplies their keys. */
import * as tf from "@tensorflow/tfjs-core";
import { seedOf } from "../random.ts";
import { type Captured, captureStep, drawMask, fillTensor, type Step, type Variables } from "./mod.ts";

/** A context that draws from its own stream, or does not draw. */
export interface Drawing {
  draws: boolean;
  next(): number;
}

export const drawing = (key: number): Drawing => {
  let call = 0;
  return { draws: true, next: () => seedOf(key, call++) };
};

/** Applies dropout to `x` if the context draws: zeroes a share of the values and scales up the rest. */
export const droppedOut = <T extends tf.Tensor>(x: T, share: number, context: Drawing): T =>
  context.draws
    ? tf.mul(x, fillTensor(x.shape, context, (into, keys) => drawMask(into, keys.next(), share)))
    : x;

export const capture = (step: Step<Drawing>, variables: Variables = {}): Captured<Drawing> =>
  captureStep(step, variables, { keysOf: (context) => context, variantOf: ({ draws }) => String(draws) });
