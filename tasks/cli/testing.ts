/** Runs a task as a user would, for tests. */
import { runTask, type Task } from "./main.ts";

/** Runs a task and returns its exit code and the lines of its stdout and stderr. */
export async function captured(
  task: Task,
  ...args: string[]
): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [], err: string[] = [], { log, error } = console;
  console.log = (...words: unknown[]) => void out.push(...words.join(" ").split("\n"));
  console.error = (...words: unknown[]) => void err.push(...words.join(" ").split("\n"));
  try {
    return { code: await runTask(task, args), out, err };
  } finally {
    Object.assign(console, { log, error });
  }
}
