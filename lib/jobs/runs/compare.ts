/** Compares two runs, or two ablations, protocols or matrices: their options, machines, rows and results. */
import { badInput, count } from "../../errors.ts";
import { readDivision } from "../division.ts";
import { runFolder } from "../run_folder.ts";
import { codeIn } from "./code.ts";
import { environmentIn } from "./environment_in.ts";
import { findRun } from "./find.ts";
import type { RunKind } from "./kinds.ts";
import { differing, optionsIn, type Values } from "./options.ts";
import { resultsIn, type RunResult } from "./results_in.ts";
import type { RunSummary } from "./summary.ts";

/** A value that differs. It is absent where a folder does not have it. */
export interface RunDifference {
  /** Name of the option or fact: `options.dropout`. */
  key: string;
  /** The value of the first one. */
  a?: unknown;
  /** The value of the second one. */
  b?: unknown;
}

/** A metric of both. */
export interface ComparedResult {
  /** The recipe of an ablation or protocol, or the two corpora of a matrix; empty for a run. */
  of: string;
  /** The split; test only if it was read before. */
  split: "dev" | "test";
  /** Id of the metric. */
  metric: string;
  /** The first one's value; null if it is undefined, absent if there is none. */
  a?: number | null;
  /** The second one's value. */
  b?: number | null;
  /** The second one's value minus the first one's, if both have one. */
  delta?: number;
}

/** Two folders of results side by side. */
export interface RunComparison {
  /** The first one. */
  a: RunSummary;
  /** The second one. */
  b: RunSummary;
  /** Options that differ, defaults filled in. Names and places of the folders do not count. */
  config: RunDifference[];
  /** What differs in engine and machine, and in your own modules. */
  environment: RunDifference[];
  /** The metrics that either one has. */
  results: ComparedResult[];
  /** What a reader must know of the difference. */
  notes: string[];
}

/**
 * Compares two folders of results of one kind, named as `listRuns` names them or by their paths. Reads what
 * they hold and no data: test metrics are there only if they were read before. Throws UndertoneError if
 * either is not there, or if they are of different kinds.
 *
 * @example
 * ```ts
 * import { compareRuns, configure, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * for (const seed of [1, 2]) {
 *   const name = `seed-${seed}`;
 *   await Array.fromAsync(trainRun(configure({ method: "text_only", epochs: 1, seed, name, out })));
 * }
 * const { config, results } = await compareRuns("seed-1", "seed-2", { out });
 * console.log(config, results[0].delta); // [{ key: "seed", a: 1, b: 2 }]
 * ```
 */
export async function compareRuns(
  first: string,
  second: string,
  { out = "outputs" }: { out?: string } = {},
): Promise<RunComparison> {
  const [a, b] = [await findRun(first, out), await findRun(second, out)];
  if (a.kind !== b.kind) {
    throw badInput({
      expected: "two of one kind",
      found: `${NAMES[a.kind]} and ${NAMES[b.kind]}`,
      at: `${a.name} and ${b.name}`,
      todo: "Runs inside an ablation are named by its folder: <ablation>/<method>-s1.",
    });
  }
  const notes: string[] = [];
  const [ours, theirs] = [await optionsIn(a, notes), await optionsIn(b, notes)];
  const read = (run: RunSummary) =>
    resultsIn(run).catch((error) => {
      notes.push(`The results of ${run.name} can't be read: ${(error as Error).message}`);
      return [];
    });
  const results = compareResults(await read(a), await read(b));
  for (const { name, state, detail } of [a, b]) {
    if (state !== "finished") notes.push(`${name} is ${state}${detail && ` (${detail})`}.`);
  }
  return {
    a,
    b,
    config: differences(ours, theirs),
    environment: await environments(a, b, notes),
    results,
    notes: [...notes, ...await rowNotes(a, b)],
  };
}

const NAMES: Readonly<Record<RunKind, string>> = {
  run: "a run",
  ablation: "an ablation",
  search: "a search",
  folds: "the folds of a protocol",
  cross: "a matrix of corpora",
};

/**
 * Returns what differs in engine, machine and the code of the user's modules. If a folder does not say where
 * it was trained, a note does.
 */
async function environments(a: RunSummary, b: RunSummary, notes: string[]): Promise<RunDifference[]> {
  const [ours, theirs] = await Promise.all([a, b].map(({ kind, path }) => environmentIn(kind, path))),
    code = [a, b].map(({ path }) => codeIn(path));
  for (const [{ name }, found] of [[a, ours], [b, theirs]] as const) {
    if (!found) notes.push(`${name} does not say on which machine it was trained.`);
  }
  const machine = ours && theirs
    ? differences({ ...ours, started: undefined }, { ...theirs, started: undefined })
    : [];
  return [...machine, ...differences(code[0], code[1])];
}

/** Returns the values that differ between two, without those that one of them lacks. */
const differences = (a: Values, b: Values): RunDifference[] =>
  differing([a, b]).map(({ key, values: [ours, theirs] }) => ({
    key,
    ...ours !== undefined && { a: ours },
    ...theirs !== undefined && { b: theirs },
  }));

function compareResults(ours: readonly RunResult[], theirs: readonly RunResult[]): ComparedResult[] {
  const keyOf = ({ of, split, metric }: RunResult) => JSON.stringify([of, split, metric]);
  const [a, b] = [ours, theirs].map((all) => new Map(all.map((result) => [keyOf(result), result.value])));
  const distinct = new Map([...ours, ...theirs].map((result) => [keyOf(result), result]));
  return [...distinct].map(([key, { of, split, metric }]) => {
    const first = a.get(key), second = b.get(key);
    return {
      of,
      split,
      metric,
      ...first !== undefined && { a: first },
      ...second !== undefined && { b: second },
      ...typeof first === "number" && typeof second === "number" && { delta: second - first },
    };
  });
}

/** Returns a note for each split whose rows differ: metrics on different rows are not comparable. */
async function rowNotes(a: RunSummary, b: RunSummary): Promise<string[]> {
  if (a.kind !== "run") return [];
  const rows = await Promise.all(
    [a, b].map(({ path }) => readDivision(runFolder(path)).catch(() => undefined)),
  );
  const [ours, theirs] = rows;
  if (!ours || !theirs) return [];
  return (["train", "dev", "test"] as const).flatMap((split) => {
    const [first, second] = [ours.splits[split], theirs.splits[split]].map((ids) => new Set(ids));
    if (first.symmetricDifference(second).size === 0) return [];
    const shared = first.intersection(second).size;
    return [
      `Their ${split} rows differ: ${count(first.size, "row")} and ${
        count(second.size, "row")
      }, ${shared} of ` +
      `them in both.${split === "train" ? "" : ` Their ${split} metrics are of different rows.`}`,
    ];
  });
}
