/** Runs a job in the background of a notebook, so that other cells can watch it, await it or stop it. */
import { badInput } from "../errors.ts";
import { DISPLAY, type Shown } from "../plot/mod.ts";

/** A job in the background. Iterating yields its events from the first one, live while it runs. */
export interface Background<Event> extends AsyncIterable<Event>, Shown {
  /** The events so far. */
  readonly events: readonly Event[];
  /** The state of the job. */
  readonly state: "running" | "finished" | "stopped" | "failed";
  /** Resolves to the last event when the job finishes or stops; rejects if it fails. */
  readonly done: Promise<Event | undefined>;
  /**
   * Resolves to the job's result, its event of the type `result`. Rejects if the job fails, or stops before
   * it has one.
   */
  result(): Promise<Extract<Event, { type: "result" }>>;
  /**
   * Asks the job to stop and returns `done`. A training stops after the current step and saves a checkpoint.
   */
  stop(): Promise<Event | undefined>;
}

const isResult = <Event>(event: Event): event is Extract<Event, { type: "result" }> =>
  typeof event === "object" && event !== null && "type" in event && event.type === "result";

/**
 * Starts a job without awaiting it: `background((signal) => trainRun(config,
 * { signal }))`. The job must yield to timers now and then, as training does.
 * If it fails, the error is kept in `done` and doesn't crash the kernel.
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
  const notify = () => {
    news.resolve();
    news = Promise.withResolvers();
  };

  const run = async () => {
    try {
      for await (const event of start(signal)) {
        events.push(event);
        notify();
      }
      state = signal.aborted ? "stopped" : "finished";
    } catch (error) {
      state = signal.aborted && error === signal.reason ? "stopped" : "failed";
      if (state === "failed") throw error;
    } finally {
      notify();
    }
    return events.at(-1);
  };
  const done = run();
  done.catch(() => {}); // Avoids an unhandled rejection; awaiting `done` or iterating still throws.

  return {
    events,
    get state() {
      return state;
    },
    done,
    async result() {
      await done;
      const found = events.findLast(isResult);
      if (found) return found;
      throw badInput({
        expected: "a job that ran to its result",
        found: `one that ${state} after ${events.length} events`,
        at: "result()",
        todo: "Resume it, or start it again.",
      });
    },
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
