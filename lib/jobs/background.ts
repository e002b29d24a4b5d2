/** Work that runs on behind a notebook's cells: other cells watch it, wait for it or stop it. */
import { DISPLAY, type Shown } from "../plot/mod.ts";

/** A job that was started and not awaited. Iterating tells its events from the first one on, as they come. */
export interface Background<Event> extends AsyncIterable<Event>, Shown {
  /** What it has told so far. */
  readonly events: readonly Event[];
  /** How it stands. */
  readonly state: "running" | "finished" | "stopped" | "failed";
  /** The last event, when it has ended or was stopped; rejects with what went wrong. */
  readonly done: Promise<Event | undefined>;
  /** Has it end as soon as it can, which for training is after the current step with a checkpoint left; as `done`. */
  stop(): Promise<Event | undefined>;
}

/**
 * Starts a job without waiting for it: `background((signal) => trainRun(config, { signal }))`. The job must give way to
 * timers now and then, as training does. An error waits until somebody looks: it never ends the kernel.
 *
 * @example
 * ```ts
 * import { background, configure, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * const job = background((signal) => trainRun(config, { signal }));
 * console.log(job.state); // running
 * await job.done; // or job.stop()
 * ```
 */
export function background<Event>(start: (signal: AbortSignal) => AsyncIterable<Event>): Background<Event> {
  const controller = new AbortController(), { signal } = controller;
  const events: Event[] = [];
  let state: Background<Event>["state"] = "running";
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };

  const run = async () => {
    try {
      for await (const event of start(signal)) {
        events.push(event);
        tell();
      }
      state = signal.aborted ? "stopped" : "finished";
    } catch (error) {
      state = signal.aborted && error === signal.reason ? "stopped" : "failed";
      if (state === "failed") throw error;
    } finally {
      tell();
    }
    return events.at(-1);
  };
  const done = run();
  done.catch(() => {}); // not unhandled: whoever awaits `done` or iterates gets it

  return {
    events,
    get state() {
      return state;
    },
    done,
    stop() {
      controller.abort();
      return done;
    },
    async *[Symbol.asyncIterator]() {
      for (let i = 0;;) {
        const { promise } = news;
        while (i < events.length) yield events[i++];
        if (state !== "running") break;
        await promise;
      }
      await done;
    },
    [DISPLAY]: async () => {
      const about = `${state}, ${events.length} events so far`;
      if (state !== "failed") return { "text/plain": about };
      const error = await done.catch((error) => error);
      return { "text/plain": `failed: ${error instanceof Error ? error.message : error}` };
    },
  };
}
