/** Runs a task: handles help, Ctrl-C, error messages and the exit codes 0, 1, 2 and 130. */
import { UndertoneError } from "../../lib/errors.ts";
import { explained, SMALLER_INPUTS } from "../../lib/explain.ts";
import { asksForHelp } from "./flags.ts";
import { helpText, type TaskHelp } from "./help.ts";

export interface Task extends TaskHelp {
  /** Does the work. `signal` is aborted at Ctrl-C. The returned number is the exit code, 0 by default. */
  run(args: string[], signal: AbortSignal): Promise<number | void>;
}

/** Runs a task and returns its exit code. */
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
    return report(explained(error, `deno task ${task.name}`, SMALLER_INPUTS), verbose);
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }
}

/**
 * Prints an error's message, with its stack if `--verbose` is given. Returns 2 for bad input and 1 for an
 * internal error.
 */
function report(error: unknown, verbose: boolean): number {
  const expected = error instanceof UndertoneError && error.code === "input";
  const message = error instanceof Error ? error.message : String(error);
  console.error(expected ? message : `Undertone failed: ${message}`);
  if (verbose) console.error(error);
  else if (!expected) console.error("Run again with --verbose for the stack trace, and please report it.");
  return expected ? 2 : 1;
}

/** Runs a task with the process's arguments and exits. */
export async function main(task: Task): Promise<never> {
  Deno.exit(await runTask(task, Deno.args));
}
