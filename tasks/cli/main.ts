/** Runs a task: the flags that every task has, Ctrl-C, error messages, and the exit codes 0, 1, 2 and 130. */
import { UndertoneError, userPlace } from "../../lib/errors.ts";
import { explained, SMALLER_INPUTS } from "../../lib/explain.ts";
import project from "../../deno.json" with { type: "json" };
import { commonFlags } from "./common.ts";
import { asksForHelp, parseFlags, splitFlags } from "./flags.ts";
import { helpText, type TaskHelp } from "./help.ts";
import { onInterrupt } from "./interrupt.ts";
import { forgetNotes, shown } from "./output.ts";

/** Prints a result as JSON, alone on stdout, if --json is given. */
export type PrintJson = (result: unknown) => void;

export interface Task extends TaskHelp {
  /**
   * Does the work and prints the result, in words and with `json`. `signal` is aborted at Ctrl-C. The
   * returned number is the exit code, 0 by default.
   */
  run(args: string[], signal: AbortSignal, json: PrintJson): Promise<number | void>;
}

/** Runs a task and returns its exit code. */
export async function runTask(task: Task, args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    console.log(helpText(task));
    return 0;
  }
  const { log } = console, start = performance.now();
  const stop = new AbortController();
  let owed = false; // with --json, stdout gets one JSON text, whatever happens
  try {
    const [common, rest] = splitFlags(commonFlags, task.flags, args);
    const { json, quiet, verbose, version } = parseFlags(commonFlags, common);
    if (version) {
      console.log(versionText());
      return 0;
    }
    Object.assign(shown, { quiet, verbose });
    using _ = await onInterrupt(() => stop.abort());
    if (json) console.log = (...words) => console.error(...words); // stdout gets JSON alone
    owed = json;
    const print: PrintJson = (result) => {
      if (json) log(JSON.stringify(result));
      owed = false;
    };
    const code = await task.run(rest, stop.signal, print);
    if (verbose) {
      console.error(`${versionText()}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    return stop.signal.aborted ? 130 : code ?? 0;
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return 130;
    const refused = error instanceof Deno.errors.NotCapable;
    const told = refused ? error : explained(error, `deno task ${task.name}`, SMALLER_INPUTS);
    if (owed) log(JSON.stringify({ error: messageOf(told) }));
    return report(told, args.includes("--verbose"));
  } finally {
    console.log = log;
    Object.assign(shown, { quiet: false, verbose: false });
    forgetNotes();
  }
}

const versionText = () => {
  const { os, arch } = Deno.build;
  return `undertone ${project.version} (deno ${Deno.version.deno}, ${os} ${arch})`;
};

const HOW_TO_ALLOW =
  'What each task may do stands in deno.json under "permissions"; add what your own module needs there.';

function messageOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return error instanceof Deno.errors.NotCapable ? `Deno refused: ${said}. ${HOW_TO_ALLOW}` : said;
}

/**
 * Prints an error's message, with its stack if `--verbose` is given. Returns 2 for bad input and 1 for an
 * internal error.
 */
function report(error: unknown, verbose: boolean): number {
  const refused = error instanceof Deno.errors.NotCapable;
  const expected = refused || (error instanceof UndertoneError && error.code === "input");
  const message = messageOf(error);
  console.error(expected ? message : `Undertone failed: ${message}`);
  const place = userPlace(error);
  if (verbose) console.error(error);
  else if (!expected && place) {
    console.error(`It began in your module: ${place}. --verbose shows the whole trace.`);
  } else if (!expected) console.error("Run again with --verbose for the stack trace, and please report it.");
  return expected ? 2 : 1;
}

/** Runs a task with the process's arguments and exits. */
export async function main(task: Task): Promise<never> {
  Deno.exit(await runTask(task, Deno.args));
}
