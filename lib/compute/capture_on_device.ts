/** Captures steps whose variables and outputs stay on a device, as `captureStep` does on the host. */
import * as tf from "@tensorflow/tfjs-core";
import { type CaptureState, captureText, type ContextReader, keyOf, recordingOf, settle } from "./capture.ts";
import { debug, debugLog } from "./debug.ts";
import { currentEngine } from "./engine.ts";
import { type Feed, toTensors } from "./feed.ts";
import type { DeviceRecording } from "./stats.ts";

/**
 * Computes named outputs from inputs, variables and a context. Nothing else that the step reads may change
 * between calls.
 */
export type DeviceStep<Context> = (
  inputs: Record<string, tf.Tensor>,
  variables: tf.NamedTensorMap,
  context: Context,
) => tf.NamedTensorMap;

export interface CapturedOnDevice<Context> {
  /**
   * Runs the step. Variables of one name may be other tensors at each call. The caller disposes the outputs.
   */
  run(feed: Feed, variables: tf.NamedTensorMap, context: Context): tf.NamedTensorMap;
  /** Says why the step is called each time for some shapes; undefined if it is not. */
  reason(): string | undefined;
  dispose(): void;
}

/**
 * Captures a step. Its first two calls with inputs of equal shapes and variables of equal names are recorded;
 * if they agree, later calls run the compiled graph directly. The outputs in `read` come back with the run.
 */
export function captureOnDevice<Context>(
  step: DeviceStep<Context>,
  { keysOf, variantOf }: ContextReader<Context>,
  read: readonly string[],
): CapturedOnDevice<Context> {
  const shapes = new Map<string, CaptureState<DeviceRecording>>();
  return {
    run(feed, variables, context) {
      const key = `${keyOf(feed, variantOf(context))};${Object.keys(variables)}`, known = shapes.get(key);
      if (known && "always" in known) {
        const outputs = known.always.run(feed, keysOf(context), variables);
        if (outputs) return outputs;
      }
      const { recordOnDevice } = currentEngine();
      if (!recordOnDevice || (known && "reason" in known)) {
        return tf.tidy(() => step(toTensors(feed), variables, context));
      }
      const call = (inputs: Record<string, tf.Tensor>) => step(inputs, variables, context);
      const { outputs, recorded } = recordOnDevice(call, feed, variables, read);
      shapes.set(key, settle(known, recorded));
      if (debug.capture) debugLog("capture", captureText(key, shapes.get(key)!));
      return outputs;
    },
    reason() {
      for (const known of shapes.values()) if ("reason" in known) return known.reason;
    },
    dispose() {
      for (const known of shapes.values()) recordingOf(known)?.dispose();
      shapes.clear();
    },
  };
}
