/** What tests of the engine share: steps that draw, and the context that they draw from. */
import * as tf from "@tensorflow/tfjs-core";
import { seedOf } from "../random.ts";
import { type Captured, captureStep, drawMask, fillTensor, type Step, type Variables } from "./mod.ts";

/** Draws from a stream of its own, or none. */
export interface Drawing {
  draws: boolean;
  next(): number;
}

export const drawing = (key: number): Drawing => {
  let call = 0;
  return { draws: true, next: () => seedOf(key, call++) };
};

/** `x` with a share of its values 0 and the others scaled up, where the context draws. */
export const droppedOut = <T extends tf.Tensor>(x: T, share: number, context: Drawing): T =>
  context.draws
    ? tf.mul(x, fillTensor(x.shape, context, (into, keys) => drawMask(into, keys.next(), share)))
    : x;

export const capture = (step: Step<Drawing>, variables: Variables = {}): Captured<Drawing> =>
  captureStep(step, variables, { keysOf: (context) => context, variantOf: ({ draws }) => String(draws) });
