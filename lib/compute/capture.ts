/** Steps that are called again and again: recorded once per shape, then run without calling them. */
import * as tf from "@tensorflow/tfjs-core";
import type { ForwardContext } from "./drawn.ts";
import { currentEngine } from "./engine.ts";
import { type Feed, toTensors } from "./feed.ts";
import { hostValues } from "./host.ts";
import type { Params } from "./params.ts";
import type { Recording } from "./recording.ts";

/** From inputs and a context to outputs by name. May read the variables that the capture names, and nothing else that changes. */
export type Step = (inputs: Record<string, tf.Tensor>, context: ForwardContext) => tf.NamedTensorMap;

/** Outputs as plain numbers, valid until the next call. */
export type Outputs = Record<string, Float32Array>;

export interface Captured {
  /** Runs the step. An output whose name is in `into` is written to the array there, and stays. */
  run(feed: Feed, context: ForwardContext, into?: Outputs): Promise<Outputs>;
  dispose(): void;
}

/** What is known of a step with inputs of some shapes: nothing, one recording, that two were the same, or that they were not. */
type Known = { once: Recording } | { always: Recording } | "changes";

/**
 * A step whose first two calls with inputs of the same shapes are recorded. If these recordings differ in nothing but the
 * numbers of inputs, variables and draws, later calls run the compiled graph at once. If they do (the step reads a value,
 * decides by something else, or holds on to a tensor), it goes on being called.
 */
export function capture(step: Step, variables: Params = {}): Captured {
  const shapes = new Map<string, Known>();
  let held: tf.NamedTensorMap = {};

  const call = (feed: Feed, context: ForwardContext, into: Outputs, key: string) => {
    const known = shapes.get(key), { record } = currentEngine();
    if (!record || known === "changes") {
      return tf.tidy(() => step(toTensors(feed), context));
    }
    const { outputs, recording } = record((inputs) => step(inputs, context), feed, variables, into);
    shapes.set(key, settle(known, recording));
    return outputs;
  };

  return {
    async run(feed, context, into = {}) {
      const key = keyOf(feed, context), known = shapes.get(key);
      if (typeof known === "object" && "always" in known) {
        const outputs = known.always.run(feed, context.dropout, into);
        if (outputs) return outputs;
      }
      tf.dispose(held);
      held = {};
      held = call(feed, context, into, key);
      return await numbersOf(held, into);
    },
    dispose() {
      tf.dispose(held);
      for (const known of shapes.values()) if (known !== "changes") Object.values(known)[0].dispose();
      shapes.clear();
    },
  };
}

/** What a further recording makes of what was known. Recordings that are not kept are disposed. */
function settle(known: Exclude<Known, "changes"> | undefined, recording?: Recording): Known {
  if (!known) return recording ? { once: recording } : "changes";
  const before = Object.values(known)[0];
  const same = recording?.same(before);
  recording?.dispose();
  if (same) return { always: before };
  before.dispose();
  return "changes";
}

const keyOf = (feed: Feed, { training }: ForwardContext): string => {
  let key = training ? "training" : "";
  for (const name in feed) key += `;${name}:${feed[name].shape}`;
  return key;
};

async function numbersOf(outputs: tf.NamedTensorMap, into: Outputs): Promise<Outputs> {
  const numbers: Outputs = {};
  for (const name in outputs) {
    const values = await hostValues(outputs[name]);
    if (values !== into[name]) into[name]?.set(values);
    numbers[name] = into[name] ?? values;
  }
  return numbers;
}
