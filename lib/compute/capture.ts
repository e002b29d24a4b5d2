/** Steps that are called again and again: recorded once per shape, then run without calling them. */
import * as tf from "@tensorflow/tfjs-core";
import type { DrawKeys } from "./draw.ts";
import { debug, debugLog } from "./debug.ts";
import { currentEngine } from "./engine.ts";
import { type Feed, toTensors, type Variables } from "./feed.ts";
import { hostValues } from "./host.ts";
import type { Recorded, RecordedStep } from "./stats.ts";

/** From inputs and a context to outputs by name. May read the variables that the capture names, and nothing else that changes. */
export type Step<Context> = (inputs: Record<string, tf.Tensor>, context: Context) => tf.NamedTensorMap;

/** What a capture has to know of a step's context. */
export interface ContextReader<Context> {
  /** The keys of the step's draws. */
  keysOf(context: Context): DrawKeys;
  /** Contexts of one variant compute the same graph. */
  variantOf(context: Context): string;
}

/** Outputs as plain numbers, valid until the next call. */
export type Outputs = Record<string, Float32Array>;

export interface Captured<Context> {
  /** Runs the step. An output whose name is in `into` is written to the array there, and stays. */
  run(feed: Feed, context: Context, into?: Outputs): Promise<Outputs>;
  /** Why the step is called each time with inputs of some shapes: "it reads numbers while it runs". Undefined where it is not. */
  reason(): string | undefined;
  dispose(): void;
}

/** What is known of a step with inputs of some shapes: one recording, that two were the same, or why it is called each time. */
type CaptureState = { once: RecordedStep } | { always: RecordedStep } | { reason: string };

/**
 * A step whose first two calls with inputs of the same shapes are recorded. If these recordings differ in nothing but the
 * numbers of inputs, variables and draws, later calls run the compiled graph at once. If they do (the step reads a value,
 * decides by something else, or holds on to a tensor), it goes on being called.
 */
export function captureStep<Context>(
  step: Step<Context>,
  variables: Variables,
  { keysOf, variantOf }: ContextReader<Context>,
): Captured<Context> {
  const shapes = new Map<string, CaptureState>();
  let held: tf.NamedTensorMap = {};
  let reportedEngine = false;

  const call = (feed: Feed, context: Context, into: Outputs, key: string) => {
    const known = shapes.get(key), { record, name } = currentEngine();
    if (debug.capture && !record && !reportedEngine) {
      debugLog("capture", `the engine ${name} can't record steps`);
      reportedEngine = true;
    }
    if (!record || (known && "reason" in known)) return tf.tidy(() => step(toTensors(feed), context));
    const { outputs, recorded } = record((inputs) => step(inputs, context), feed, variables, into);
    shapes.set(key, settle(known, recorded));
    if (debug.capture) debugLog("capture", captureText(key, shapes.get(key)!));
    return outputs;
  };

  return {
    async run(feed, context, into = {}) {
      const key = keyOf(feed, variantOf(context)), known = shapes.get(key);
      if (known && "always" in known) {
        const outputs = known.always.run(feed, keysOf(context), into);
        if (outputs) return outputs;
      }
      tf.dispose(held);
      held = {};
      held = call(feed, context, into, key);
      return await numbersOf(held, into);
    },
    reason() {
      const { record, name } = currentEngine();
      if (!record) return `the engine ${name} can't record steps`;
      for (const known of shapes.values()) if ("reason" in known) return known.reason;
    },
    dispose() {
      tf.dispose(held);
      for (const known of shapes.values()) recordingOf(known)?.dispose();
      shapes.clear();
    },
  };
}

const recordingOf = (known: CaptureState): RecordedStep | undefined =>
  "once" in known ? known.once : "always" in known ? known.always : undefined;

/** What a further recording makes of what was known. AlignedTraces that are not kept are disposed. */
function settle(known: CaptureState | undefined, recorded: Recorded): CaptureState {
  const before = known && recordingOf(known);
  if ("reason" in recorded) {
    before?.dispose();
    return recorded;
  }
  const { recording } = recorded;
  if (!before) return { once: recording };
  const reason = recording.difference(before);
  recording.dispose();
  if (!reason) return { always: before };
  before.dispose();
  return { reason };
}

/** A line that says whether a step is captured, and if not, why. */
function captureText(key: string, known: CaptureState): string {
  const step = `step on ${key.split(";").filter(Boolean).join(" ")}`;
  if ("reason" in known) return `${step}: called each time, because ${known.reason}`;
  return "once" in known ? `${step}: recorded; captured if the next call is the same` : `${step}: captured`;
}

function keyOf(feed: Feed, variant: string): string {
  let key = variant;
  for (const name in feed) key += `;${name}:${feed[name].shape}`;
  return key;
}

async function numbersOf(outputs: tf.NamedTensorMap, into: Outputs): Promise<Outputs> {
  const numbers: Outputs = {};
  for (const name in outputs) {
    const values = await hostValues(outputs[name]);
    if (values !== into[name]) into[name]?.set(values);
    numbers[name] = into[name] ?? values;
  }
  return numbers;
}
