/** Ctrl-C and SIGTERM: the first stops a task at its next safe place, the second ends the process at once. */

const SIGNALS: Deno.Signal[] = ["SIGINT", "SIGTERM"];

/**
 * Listens on a thread of its own, and stops listening at the first signal. The second signal then has its
 * default effect, even while a long computation blocks the main thread.
 */
const LISTENER = `
const signals = ${JSON.stringify(SIGNALS)};
const stop = () => {
  for (const signal of signals) Deno.removeSignalListener(signal, stop);
  postMessage("stop");
};
for (const signal of signals) Deno.addSignalListener(signal, stop);
postMessage("ready");`;

/** Calls `stop` at the first signal. Disposing ends the listening. The thread listens once `ready` resolves. */
export function onInterrupt(stop: () => void): Disposable & { ready: Promise<void> } {
  const ready = Promise.withResolvers<void>();
  let listening = true;
  const forget = () => {
    if (listening) { for (const signal of SIGNALS) Deno.removeSignalListener(signal, interrupt); }
    listening = false;
  };
  const interrupt = () => {
    forget();
    stop();
  };
  // Until the thread is ready, this thread listens.
  for (const signal of SIGNALS) Deno.addSignalListener(signal, interrupt);
  const thread = new Worker(`data:text/javascript,${encodeURIComponent(LISTENER)}`, { type: "module" });
  thread.onmessage = ({ data }) => {
    if (data !== "ready") return interrupt();
    forget();
    ready.resolve();
  };
  return {
    ready: ready.promise,
    [Symbol.dispose]() {
      forget();
      thread.terminate();
    },
  };
}
