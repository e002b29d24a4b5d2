import type { InferenceSession } from "onnxruntime-node";
import { wantedThreads } from "../compute/mod.ts";
import { disableTelemetry } from "../telemetry.ts";

/**
 * Session options of a frozen ONNX model: it runs on all cores, or on --threads of them. With `spinning`, its
 * threads wait awake for the next operator of a run, but not for the next run.
 */
export const sessionOptions = ({ spinning = false } = {}): InferenceSession.SessionOptions => ({
  intraOpNumThreads: wantedThreads(),
  // Idle threads of one session must not steal the cores from the next one.
  extra: { session: { intra_op: { allow_spinning: spinning ? "1" : "0" }, force_spinning_stop: "1" } },
});

/** Opens a frozen ONNX model, from a file or from bytes. */
export async function openSession(
  model: string | Uint8Array,
  choice: { spinning?: boolean } = {},
): Promise<InferenceSession> {
  disableTelemetry();
  const { InferenceSession } = await import("onnxruntime-node"); // native code: loaded only when needed
  const options = sessionOptions(choice);
  return typeof model === "string"
    ? await InferenceSession.create(model, options)
    : await InferenceSession.create(model, options);
}
