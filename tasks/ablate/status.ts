/** Shows how far a launched ablation is, prints its logs, and cancels it. */
import { basename, join } from "node:path";
import { existsSync } from "node:fs";
import {
  cancelLaunch,
  type CellState,
  type CellStatus,
  type LaunchStatus,
  launchStatus,
} from "../../lib/jobs/mod.ts";
import { badInput } from "../../lib/errors.ts";
import { formatted, metricNamed } from "../../lib/eval/mod.ts";
import { ranges } from "../../lib/launch/mod.ts";
import { fromProject } from "../../lib/paths.ts";
import { tableText } from "../../lib/plot/mod.ts";
import type { PrintJson } from "../cli/main.ts";
import { duration } from "../cli/progress.ts";

const STATES: readonly CellState[] = ["done", "running", "queued", "paused", "stopped", "failed", "new"];

/** Says how many cells are in each state: `3 done, 2 running`. */
export const statusCounts = (cells: readonly CellStatus[]): string =>
  STATES.map((state) => [cells.filter((cell) => cell.state === state).length, state] as const)
    .filter(([number]) => number > 0).map(([number, state]) => `${number} ${state}`).join(", ");

/** Returns the folder of an ablation or a search: a path, or a name below `out`. */
export function ablationFolder(name: string | undefined, out: string, what = "an ablation"): string {
  if (name !== undefined) return existsSync(join(out, name)) ? join(out, name) : fromProject(name);
  throw badInput({
    expected: `the name of ${what}`,
    found: "none",
    at: "the command line",
    todo: "Give its name below --out, or its folder. deno task runs lists both.",
  });
}

/** Prints the states of all cells; with `watch`, again and again until none is left to do. */
export async function showStatus(
  folder: string,
  { watch, signal }: { watch: boolean; signal: AbortSignal },
  json: PrintJson,
): Promise<void> {
  for (let height = 0, before: LaunchStatus | undefined;;) {
    const status: LaunchStatus = await launchStatus(folder, { before }), text = statusText(status);
    if (height > 0) Deno.stdout.writeSync(new TextEncoder().encode(`\x1b[${height}A\x1b[J`));
    console.log(text);
    before = status;
    height = Deno.stdout.isTerminal() ? text.split("\n").length : 0;
    const isOver = status.cells.every(({ state }) => ["done", "failed", "stopped", "new"].includes(state));
    if (!watch || isOver || signal.aborted) return json(status);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 5000);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

/** Writes the states as a table, and what to do next. */
export function statusText({ folder, cells, fault }: LaunchStatus): string {
  const table = tableText({
    columns: ["cell", "state", "epoch", "ETA", "dev weighted F1", "log's last line"],
    rows: cells.map((cell) => [
      cell.id,
      cell.state,
      cell.epoch === undefined ? "" : `${cell.epoch}/${cell.epochs}`,
      cell.state === "running" && cell.eta !== undefined ? duration(cell.eta) : "",
      f1Of(cell),
      cell.error ?? "",
    ]),
  });
  const left = secondsLeft(cells), isOver = cells.every(({ state }) => state === "done");
  const failed = cells.some(({ state }) => ["failed", "stopped", "new"].includes(state));
  return [
    table.trimEnd(),
    `${statusCounts(cells)}${left === undefined ? "" : `; the running ones end in ${duration(left)}`}`,
    ...fault ? [fault] : [],
    ...isOver ? [`Next: deno task ablate collect ${folder}`] : [],
    ...failed
      ? [`The command that launched it starts what is failed, stopped or new, and nothing else.`]
      : [],
  ].join("\n");
}

const f1Of = ({ dev }: CellStatus): string => {
  const value = dev?.weighted_f1;
  return typeof value === "number" ? formatted(metricNamed("weighted_f1", "status"), value) : "";
};

/** Returns the seconds until the last running cell is trained. */
export function secondsLeft(cells: readonly CellStatus[]): number | undefined {
  const times = cells.flatMap(({ state, eta }) => state === "running" && eta !== undefined ? eta : []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Prints the newest log of one cell, or the last line of each. */
export async function showLogs(folder: string, id: string | undefined, json: PrintJson): Promise<void> {
  const { cells } = await launchStatus(folder);
  const wanted = id === undefined ? cells : cells.filter((cell) => cell.id === id || `${cell.number}` === id);
  if (wanted.length === 0) {
    throw badInput({
      expected: `a cell of ${basename(folder)}`,
      found: `'${id}'`,
      at: "deno task ablate logs",
      todo: `Name one of ${cells.map((cell) => cell.id).join(", ")}.`,
    });
  }
  for (const { id: name, log } of wanted) {
    const text = log ? (await Deno.readTextFile(log)).trimEnd() : "no log";
    console.log(id === undefined ? `${name}: ${text.split("\n").at(-1)}   ${log ?? ""}` : text);
  }
  json({ logs: wanted.map(({ id, log }) => ({ id, log })) });
}

/** Cancels what is in the queue. */
export async function cancelAll(folder: string, json: PrintJson): Promise<void> {
  const cells = await cancelLaunch(folder);
  console.log(
    cells.length > 0
      ? `Cancelled ${ranges(cells)}. What they had trained is kept.`
      : "Nothing was in the queue.",
  );
  json({ cancelled: cells });
}
