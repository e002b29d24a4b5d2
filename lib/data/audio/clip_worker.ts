/**
 * A worker that decodes the clips whose paths it is sent, one at a time. It answers without their samples.
 */
import type { AudioWarning } from "./fault.ts";
import { readClip } from "./load.ts";
import { SAMPLE_RATE } from "./resample.ts";

/** What the worker found out about a clip. */
export type ClipAnswer =
  | { seconds: number; warnings: AudioWarning[]; fault?: undefined }
  | { fault: string };

interface WorkerScope {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(answer: ClipAnswer): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = async ({ data: path }) => {
  try {
    const { samples, warnings } = await readClip(path);
    scope.postMessage({ seconds: samples.length / SAMPLE_RATE, warnings });
  } catch (error) {
    scope.postMessage({ fault: error instanceof Error ? error.message : String(error) });
  }
};
