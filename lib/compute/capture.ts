/**
 * Captures steps that are called repeatedly: records them once per shape, then runs the graph without calling
 * them.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DrawKeys } from "./draw.ts";
import { debug, debugLog } from "./debug.ts";
import { currentEngine } from "./engine.ts";
import { type Feed, toTensors, type Variables } from "./feed.ts";
import { hostValues } from "./host.ts";
import type { RecordedStep } from "./stats.ts";

/**
 * Computes named outputs from inputs and a context. A step may read the captured variables, but nothing else
 * that changes.
 */
export type Step<Context> = (inputs: Record<string, tf.Tensor>, context: Context) => tf.NamedTensorMap;

/** Reads from a step's context what a capture needs. */
export interface ContextReader<Context> {
  /** Returns the keys of the step's draws. */
  keysOf(context: Context): DrawKeys;
  /** Returns the variant of a context. Contexts of one variant must compute the same graph. */
  variantOf(context: Context): string;
}

/** Outputs as plain numbers; valid until the next call. */
export type Outputs = Record<string, Float32Array>;

export interface Captured<Context> {
  /** Runs the step. If `into` has an array for an output, the output is written there and stays valid. */
  run(feed: Feed, context: Context, into?: Outputs): Promise<Outputs>;
  /**
   * Says why the step is called each time for some shapes: "it reads numbers while it runs". Otherwise
   * undefined.
   */
  reason(): string | undefined;
  dispose(): void;
}

/** What a recording of any kind can do. */
interface Recording<R> {
  difference(other: R): string | undefined;
  dispose(): void;
}

/**
 * State per shape: recorded once, captured because two recordings agreed, or called each time for a reason.
 */
export type CaptureState<R = RecordedStep> = { once: R } | { always: R } | { reason: string };

/**
 * Captures a step. The first two calls with inputs of equal shapes are recorded. If the recordings differ
 * only in the numbers of inputs, variables and draws, later calls run the compiled graph directly. If they
 * differ in more (the step reads a value, branches on something else, or keeps a tensor), the step is called
 * each time. Once a shape is captured, a single recording in another shape is enough if it has the same
 * operators with the same origins of their inputs. That halves the time that a new shape takes to record.
 */
export function captureStep<Context>(
  step: Step<Context>,
  variables: Variables,
  { keysOf, variantOf }: ContextReader<Context>,
): Captured<Context> {
  const shapes = new Map<string, CaptureState>();
  /** By variant, the recording of the first shape that two recordings agreed on. */
  const proven = new Map<string, RecordedStep>();
  let held: tf.NamedTensorMap = {};
  let reportedEngine = false;

  const call = (feed: Feed, context: Context, into: Outputs, key: string) => {
    const known = shapes.get(key), { record, name } = currentEngine();
    if (debug.capture && !record && !reportedEngine) {
      debugLog("capture", `the engine ${name} can't record steps`);
      reportedEngine = true;
    }
    if (!record || (known && "reason" in known)) return tf.tidy(() => step(toTensors(feed), context));
    const { outputs, recorded } = record((inputs) => step(inputs, context), feed, variables, into, shapes);
    const variant = variantOf(context), state = settle(known, recorded);
    shapes.set(key, state);
    if ("always" in state && !proven.has(variant)) proven.set(variant, state.always);
    if (debug.capture) debugLog("capture", captureText(key, state));
    return outputs;
  };

  return {
    async run(feed, context, into = {}) {
      const variant = variantOf(context), key = keyOf(feed, variant), first = proven.get(variant);
      let known = shapes.get(key);
      if (known && "once" in known && first?.resembles(known.once)) {
        shapes.set(key, known = { always: known.once });
        if (debug.capture) debugLog("capture", captureText(key, known));
      }
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

export const recordingOf = <R>(known: CaptureState<R>): R | undefined =>
  "once" in known ? known.once : "always" in known ? known.always : undefined;

/** Combines a new recording with the known state. Disposes recordings that are not kept. */
export function settle<R extends Recording<R>>(
  known: CaptureState<R> | undefined,
  recorded: { recording: R } | { reason: string },
): CaptureState<R> {
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

/** Returns a line that says whether a step is captured, and if not, why. */
export function captureText(key: string, known: CaptureState<unknown>): string {
  const step = `step on ${key.split(";").filter(Boolean).join(" ")}`;
  if ("reason" in known) return `${step}: called each time, because ${known.reason}`;
  return "once" in known ? `${step}: recorded; captured if the next call is the same` : `${step}: captured`;
}

/** Returns what the calls of one state share: a variant and the shapes of the inputs. */
export function keyOf(feed: Feed, variant: string): string {
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
