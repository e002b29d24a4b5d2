/** Reads what a run folder holds of its training and its results. */
import { existsSync } from "node:fs";
import { badInput } from "../errors.ts";
import { readJson } from "../files/mod.ts";
import type { Scores } from "../eval/mod.ts";
import type { TrainEvent } from "../train/mod.ts";
import type { RunFolder } from "./run_folder.ts";
import type { Results, SplitResult } from "./split_result.ts";

/**
 * Reads the results of a run so far, by split.
 *
 * @example
 * ```ts
 * import { configure, openRun, readResults, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { dev } = await readResults(openRun(`${out}/first`));
 * console.log(dev?.metrics.macro_f1);
 * ```
 */
export async function readResults({ metrics }: RunFolder): Promise<Results> {
  if (!existsSync(metrics)) return {};
  const results = await readJson(metrics);
  if (!areResults(results)) throw noResults(metrics);
  // Version 0.1 named controls "floors".
  return Object.fromEntries(
    Object.entries(results).map(([split, { floors, ...result }]) => [
      split,
      floors ? { controls: floors, ...result } : result,
    ]),
  );
}

/** Returns whether a line is an event with what every reader of its kind takes from it. */
const isEvent = (value: unknown): value is TrainEvent =>
  isObject(value) && typeof value.type === "string" && (value.type !== "epoch" || isObject(value.dev)) &&
  (value.type !== "started" || typeof value.parameters === "number");

type Kept = Record<string, SplitResult & { floors?: SplitResult["controls"] }>;

/** Returns whether each split has scores with the names of their classes, labels or dimensions. */
const areResults = (value: unknown): value is Kept =>
  isObject(value) && Object.values(value).every((result) => {
    const metrics = isObject(result) && result.metrics;
    const named = isObject(metrics) && (metrics.per_class ?? metrics.per_label);
    return Array.isArray(named) && named.every((each) => isObject(each) && typeof each.label === "string");
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const noResults = (at: string) =>
  badInput({
    expected: "the results of a run",
    found: "something else",
    at,
    todo: "The file is damaged or was edited: remove it, and evaluate the run again.",
  });

/** Reads the events of a run's training so far. */
export async function readEvents({ events }: RunFolder): Promise<TrainEvent[]> {
  if (!existsSync(events)) return [];
  const lines = (await Deno.readTextFile(events)).split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    try {
      const event = JSON.parse(line);
      return isEvent(event) ? [event] : [];
    } catch {
      return []; // a killed run leaves a truncated last line
    }
  });
}

/**
 * Lists a model's metrics followed by those of its controls, for `comparisonTable`.
 *
 * @example
 * ```ts
 * import { comparisonTable, metrics, show, systemsOf } from "@undertone/undertone";
 *
 * const controls = { majority: metrics([0, 1, 1], [1, 1, 1], ["joy", "anger"]) };
 * const result = { metrics: metrics([0, 1, 1], [0, 1, 1], ["joy", "anger"]), controls };
 * show(comparisonTable(systemsOf("memocmt", result)));
 * ```
 */
export const systemsOf = (
  name: string,
  { metrics, controls = {}, normalize }: Pick<SplitResult, "metrics" | "controls" | "normalize">,
): { name: string; metrics: Scores; strong?: boolean }[] => [
  { name: [name, normalize ?? []].flat().join(", "), metrics, strong: true },
  ...Object.entries(controls).reverse().map(([control, metrics]) => ({
    name: `${control} (control)`,
    metrics,
  })),
];
