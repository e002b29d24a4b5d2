import type { InferenceSession } from "onnxruntime-node";
import { type Apart, wantedThreads } from "../compute/mod.ts";
import { disableTelemetry } from "../telemetry.ts";

/** How a session computes. */
interface SessionChoice {
  /**
   * Threads; default: all cores, or --threads of them. ONNX Runtime divides sums by their number, so that
   * only a fixed one gives the same bits everywhere.
   */
  threads?: number;
  /** Whether threads wait awake for the next operator of a run. They never wait so for the next run. */
  spinning?: boolean;
  /** The weights that lie outside the model's bytes. */
  apart?: Apart;
}

/** Session options of a frozen ONNX model. */
export const sessionOptions = (
  { threads = wantedThreads(), spinning = false, apart }: SessionChoice = {},
): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  ...apart?.inMemory?.length && { externalData: apart.inMemory },
  // Idle threads of one session must not steal the cores from the next one.
  extra: {
    session: {
      intra_op: { allow_spinning: spinning ? "1" : "0" },
      force_spinning_stop: "1",
      ...apart?.folder && { model_external_initializers_file_folder_path: apart.folder },
    },
  },
});

/** Opens a frozen ONNX model, from a file or from bytes. */
export async function openSession(
  model: string | Uint8Array,
  choice: SessionChoice = {},
): Promise<InferenceSession> {
  disableTelemetry();
  const { InferenceSession } = await import("onnxruntime-node"); // native code: loaded only when needed
  const options = sessionOptions(choice);
  return typeof model === "string"
    ? await InferenceSession.create(model, options)
    : await InferenceSession.create(model, options);
}
