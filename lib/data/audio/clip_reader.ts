/** Reads clips in a thread of its own, so that decoding goes on while the caller's thread is busy. */
import { UndertoneError } from "../../errors.ts";
import { mayLoad } from "../../may_load.ts";
import type { AudioClip } from "./clip.ts";
import type { ReadClip } from "./clip_reader_worker.ts";
import { readClip } from "./load.ts";

/** A reader of clips. Its thread starts at the first read. Disposing ends it; reads must have ended. */
export interface ClipReader extends Disposable {
  /** Reads a clip as `readClip` does. */
  readClip(path: string): Promise<AudioClip>;
}

/** Returns a reader. If its thread breaks or may not start, the caller's thread reads. */
export function clipReader(module = new URL("./clip_reader_worker.ts", import.meta.url)): ClipReader {
  const waiting = new Map<number, PromiseWithResolvers<ReadClip>>();
  let worker: Worker | undefined, count = 0, isBroken = !mayLoad(module);

  function started(): Worker {
    const thread = new Worker(module, { type: "module" });
    thread.onmessage = ({ data }: MessageEvent<ReadClip>) => {
      waiting.get(data.id)!.resolve(data);
      waiting.delete(data.id);
    };
    thread.onerror = (event) => {
      event.preventDefault();
      thread.terminate();
      isBroken = true;
      for (const [id, { resolve }] of waiting) resolve({ id, isUnread: true });
      waiting.clear();
    };
    return thread;
  }

  return {
    async readClip(path) {
      if (isBroken) return await readClip(path);
      worker ??= started();
      const id = count++, answer = Promise.withResolvers<ReadClip>();
      waiting.set(id, answer);
      worker.postMessage({ id, path });
      const read = await answer.promise;
      if (read.isUnread) return await readClip(path);
      if (read.clip) return read.clip;
      throw new UndertoneError(read.fault.message, read.fault.code, { cause: read.fault.cause });
    },
    [Symbol.dispose]: () => worker?.terminate(),
  };
}
