/** A worker that reads the clips whose paths it is sent, and answers with their samples. */
import { type ErrorCode, UndertoneError } from "../../errors.ts";
import type { AudioClip } from "./clip.ts";
import { readClip } from "./load.ts";

/** A clip that was read, why it can't be used, or that the thread broke before it was read. */
export type ReadClip =
  & { id: number }
  & (
    | { clip: AudioClip; isUnread?: undefined }
    | { fault: { message: string; code: ErrorCode; cause?: string }; clip?: undefined; isUnread?: undefined }
    | { isUnread: true }
  );

interface WorkerScope {
  onmessage: (event: MessageEvent<{ id: number; path: string }>) => void;
  postMessage(answer: ReadClip, transfer?: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data: { id, path } }) => {
  try {
    const clip = await readClip(path);
    scope.postMessage({ id, clip }, [clip.samples.buffer as ArrayBuffer]);
  } catch (error) {
    scope.postMessage({ id, fault: faultOf(error) });
  }
};

const faultOf = (error: unknown) => ({
  message: error instanceof Error ? error.message : String(error),
  code: error instanceof UndertoneError ? error.code : "internal" as const,
  cause: error instanceof UndertoneError && typeof error.cause === "string" ? error.cause : undefined,
});
