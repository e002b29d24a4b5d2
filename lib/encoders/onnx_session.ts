import type { InferenceSession } from "onnxruntime-node";
import { wantedThreads } from "../compute/mod.ts";
import { disableTelemetry } from "../telemetry.ts";

/** Session options of a frozen ONNX model: it runs on all cores, or on --threads of them, or on so many. */
export const sessionOptions = (threads = wantedThreads()): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  // Idle threads of one session must not steal the cores from the next one.
  extra: { session: { intra_op: { allow_spinning: "0" } } },
});

/**
 * Opens a frozen ONNX model, from a file or from bytes. ONNX Runtime divides sums by the number of threads, so
 * that only a fixed number gives the same bits everywhere.
 */
export async function openSession(
  model: string | Uint8Array,
  threads?: number,
): Promise<InferenceSession> {
  disableTelemetry();
  const { InferenceSession } = await import("onnxruntime-node"); // native code: loaded only when needed
  const options = sessionOptions(threads);
  return typeof model === "string"
    ? await InferenceSession.create(model, options)
    : await InferenceSession.create(model, options);
}
