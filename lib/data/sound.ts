/** Turns many videos into FLAC files on all cores. */
import type { FlacAnswer } from "./audio/flac_worker.ts";
import { patientWorker } from "./patient_worker.ts";

export interface SoundWriter extends Disposable {
  /**
   * Writes the sound of a clip or video to a FLAC file: 16 kHz, one channel, 16 bits. Waits for a free
   * worker.
   */
  write(clip: string, flac: string): Promise<FlacAnswer>;
}

/** Returns a writer with a worker for each core. `patience` is in milliseconds, for one clip. */
export function soundWriter(
  { workers = navigator.hardwareConcurrency, patience = 120_000 }: { workers?: number; patience?: number } =
    {},
): SoundWriter {
  const module = new URL("./audio/flac_worker.ts", import.meta.url);
  const all = Array.from(
    { length: workers },
    () => patientWorker<[string, string], FlacAnswer>(module, patience),
  );
  const free = [...all], waiting: (() => void)[] = [];
  return {
    async write(clip, flac) {
      while (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const worker = free.pop()!;
      try {
        return await worker.ask([clip, flac]);
      } finally {
        free.push(worker);
        waiting.shift()?.();
      }
    },
    [Symbol.dispose]: () => all.forEach((worker) => worker[Symbol.dispose]()),
  };
}
