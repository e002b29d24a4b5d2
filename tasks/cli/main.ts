/** What every task does around its work: help, Ctrl-C, errors as sentences, exit codes 0, 1, 2 and 130. */
import { UndertoneError } from "../../lib/errors.ts";
import { asksForHelp } from "./flags.ts";
import { helpText, type TaskHelp } from "./help.ts";

export interface Task extends TaskHelp {
  /** The work; `signal` aborts at Ctrl-C. A number is the exit code. */
  run(args: string[], signal: AbortSignal): Promise<number | void>;
}

/** Runs a task to its exit code. */
export async function runTask(task: Task, args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    console.log(helpText(task));
    return 0;
  }
  const verbose = args.includes("--verbose");
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) Deno.exit(130); // a second Ctrl-C does not wait
    stop.abort();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  try {
    const code = await task.run(args.filter((arg) => arg !== "--verbose"), stop.signal);
    return stop.signal.aborted ? 130 : code ?? 0;
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return 130;
    return report(error, verbose);
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }
}

/** Prints an error as one sentence (and a stack with `--verbose`); 2 is bad input, 1 a failure of ours. */
function report(error: unknown, verbose: boolean): number {
  const expected = error instanceof UndertoneError && error.code === "input";
  const message = error instanceof Error ? error.message : String(error);
  console.error(expected ? message : `Undertone failed: ${message}`);
  if (verbose) console.error(error);
  else if (!expected) console.error("Run again with --verbose for the stack, and please report it.");
  return expected ? 2 : 1;
}

/** Runs the task of a main module and exits. */
export async function main(task: Task): Promise<never> {
  Deno.exit(await runTask(task, Deno.args));
}
