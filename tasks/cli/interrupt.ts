/** Ctrl-C and SIGTERM: the first stops a task at its next safe place, the second ends the process at once. */

/** Slurm sends SIGUSR2 before a job's time limit. Windows has no such signal. */
const SIGNALS: Deno.Signal[] = [
  "SIGINT",
  "SIGTERM",
  ...Deno.build.os === "windows" ? [] : ["SIGUSR2" as const],
];

/**
 * Signals within this time of the first one belong to it, in ms. A terminal sends Ctrl-C to every process of
 * its group, and `deno task` and npx then pass theirs on to the task.
 */
const TOGETHER = 500;

/**
 * Listens on a thread of its own, and stops listening soon after the first signal. The second signal then has
 * its default effect, even while a long computation blocks the main thread.
 */
const LISTENER = `
const signals = ${JSON.stringify(SIGNALS)};
let stopped = false;
const stop = () => {
  if (stopped) return;
  stopped = true;
  postMessage("stop");
  setTimeout(() => {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  }, ${TOGETHER});
};
for (const signal of signals) Deno.addSignalListener(signal, stop);
postMessage("ready");`;

/** Calls `stop` at the first signal from now on. Disposing ends the listening. */
export async function onInterrupt(stop: () => void): Promise<Disposable> {
  const ready = Promise.withResolvers<void>();
  const thread = new Worker(`data:text/javascript,${encodeURIComponent(LISTENER)}`, { type: "module" });
  thread.onmessage = ({ data }) => data === "ready" ? ready.resolve() : stop();
  await ready.promise;
  return { [Symbol.dispose]: () => thread.terminate() };
}
