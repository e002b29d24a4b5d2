/**
 * A worker that writes the sound of clips as FLAC, one at a time. It is sent pairs of paths: clip and FLAC.
 */
import { toFlac } from "./flac.ts";

/** Seconds of sound that were written, or why there is none. */
export type FlacAnswer = { seconds: number; fault?: undefined } | { fault: string };

interface WorkerScope {
  onmessage: (event: MessageEvent<[clip: string, flac: string]>) => void;
  postMessage(answer: FlacAnswer): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data: [clip, flac] }) => {
  try {
    scope.postMessage({ seconds: await toFlac(clip, flac) });
  } catch (error) {
    scope.postMessage({ fault: error instanceof Error ? error.message : String(error) });
  }
};
