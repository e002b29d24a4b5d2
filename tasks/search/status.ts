/** Shows how far a launched search is, and the logs of its workers. */
import { count } from "../../lib/errors.ts";
import { launchFolder, type SearchStatus, searchStatus } from "../../lib/jobs/mod.ts";
import { logsOf, readLaunch } from "../../lib/launch/mod.ts";
import { tableText } from "../../lib/plot/mod.ts";
import { statusCounts } from "../ablate/status.ts";
import type { PrintJson } from "../cli/main.ts";
import { duration } from "../cli/progress.ts";

/** Prints the states of the trials; with `watch`, again and again until none runs. */
export async function showSearchStatus(
  folder: string,
  { watch, signal }: { watch: boolean; signal: AbortSignal },
  json: PrintJson,
): Promise<void> {
  for (let height = 0;;) {
    const status = await searchStatus(folder), text = searchStatusText(status);
    if (height > 0) Deno.stdout.writeSync(new TextEncoder().encode(`\x1b[${height}A\x1b[J`));
    console.log(text);
    height = Deno.stdout.isTerminal() ? text.split("\n").length : 0;
    const { running = 0, queued = 0 } = status.workers ?? {};
    const isOver = running + queued === 0 && status.trials.every(({ state }) => state !== "running");
    if (!watch || isOver || signal.aborted) return json(status);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 5000);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

/** Writes the states as a table, and what to do next. */
export function searchStatusText({ folder, trials, of, isDone, workers, fault }: SearchStatus): string {
  const table = tableText({
    columns: ["trial", "state", "epoch", "ETA", "why it failed"],
    rows: trials.map(({ id, state, rung, epoch, epochs, eta, error }) => [
      id,
      rung === undefined ? state : `${state} at rung ${rung}`,
      epoch === undefined ? "" : `${epoch}/${epochs}`,
      state === "running" && eta !== undefined ? duration(eta) : "",
      error ?? "",
    ]),
  });
  const own = trials.filter(({ id }) => id.startsWith("trial-"));
  const isRunning = trials.some(({ state }) => state === "running") ||
    (workers && workers.running + workers.queued > 0);
  return [
    table.trimEnd(),
    `${count(own.length, "trial")} of ${of} begun: ${statusCounts(own) || "none"}`,
    ...workers ? [`workers: ${workers.running} running, ${workers.queued} queued`] : [],
    ...fault ? [fault] : [],
    ...isDone
      ? [`The results are in ${folder}/report.html`]
      : isRunning
      ? []
      : [`Next: deno task search collect ${folder}, which also trains what is missing.`],
  ].join("\n");
}

/** Prints the last line of each worker's newest log, and where the log is. */
export async function showSearchLogs(folder: string, json: PrintJson): Promise<void> {
  const launch = await readLaunch(launchFolder(folder));
  const logs = [...launch ? logsOf(launchFolder(folder), launch) : []].sort(([a], [b]) => a - b);
  for (const [worker, log] of logs) {
    const text = (await Deno.readTextFile(log)).trimEnd();
    console.log(`worker ${worker}: ${text.split("\n").at(-1)}   ${log}`);
  }
  if (logs.length === 0) console.log("There is no log yet.");
  json({ logs: logs.map(([worker, log]) => ({ worker, log })) });
}
