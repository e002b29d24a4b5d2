/** Asks a worker one question at a time. A worker that breaks or takes too long is replaced. */

/** An answer that says what went wrong. */
export interface Fault {
  fault: string;
}

/** Returns a worker of the module at `url`, started at the first question. Disposing ends it. */
export function patientWorker<Question, Answer>(
  url: URL,
  patience: number,
): Disposable & { ask(question: Question): Promise<Answer | Fault> } {
  let worker: Worker | undefined;
  const end = () => {
    worker?.terminate();
    worker = undefined;
  };
  return {
    ask(question) {
      const current = worker ??= new Worker(url, { type: "module" });
      const { promise, resolve } = Promise.withResolvers<Answer | Fault>();
      const giveUp = (fault: string) => {
        end();
        resolve({ fault });
      };
      const timer = setTimeout(() => giveUp(`decoding took longer than ${patience / 1000} s`), patience);
      current.onmessage = ({ data }: MessageEvent<Answer | Fault>) => resolve(data);
      current.onerror = (event) => {
        event.preventDefault();
        giveUp(`its decoder broke (${event.message})`);
      };
      current.postMessage(question);
      return promise.finally(() => clearTimeout(timer));
    },
    [Symbol.dispose]: end,
  };
}
