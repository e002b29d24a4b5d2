/** Starts tasks as processes and kills them, for tests. */
import { fileURLToPath } from "node:url";
import { ok } from "../lib/testing/assert.ts";

/** Starts a task as from a terminal. */
export const start = (task: string, ...args: string[]): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", fileURLToPath(new URL(`${task}.ts`, import.meta.url)), ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();

/** Waits until a process has ended. Returns its exit code and output. */
export async function ended(child: Deno.ChildProcess): Promise<{ code: number; err: string }> {
  const { code, stderr } = await child.output();
  return { code, err: new TextDecoder().decode(stderr) };
}

/** Sends a signal to a process as soon as a condition holds. Returns its exit code and output. */
export async function killWhen(child: Deno.ChildProcess, signal: Deno.Signal, so: () => Promise<boolean>) {
  const end = ended(child);
  let over = false;
  end.then(() => over = true);
  while (!await so().catch(() => false)) {
    ok(!over, "it ended before");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  child.kill(signal);
  return await end;
}

/** Kills a process after some milliseconds, unless it has ended. Returns its exit code and output. */
export async function killAfter(child: Deno.ChildProcess, time: number) {
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch { /* it has just ended */ }
  }, time);
  return await ended(child).finally(() => clearTimeout(timer));
}
