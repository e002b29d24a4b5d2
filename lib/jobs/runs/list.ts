/** Lists the results below a folder: runs, ablations, folds of protocols, matrices of corpora. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { badInput, requireKnown } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import { kindOf } from "./kinds.ts";
import { type RunSummary, summaryOf } from "./summary.ts";

/** An order of a list. */
export type RunSort = "weighted_f1" | "age" | "size" | "name";

/** The orders of a list. */
export const RUN_SORTS = ["weighted_f1", "age", "size", "name"] as const satisfies readonly RunSort[];

/** Options of a list. */
export interface ListRunsOptions {
  /** Folder that holds the runs. Default: outputs. */
  out?: string;
  /** By the best weighted F1 on dev, the newest, the largest, or the name. Default: age. */
  sort?: RunSort;
  /** Keeps the runs with this text in their name, kind, methods, data or encoders; case does not count. */
  filter?: string;
  /** Also list the runs inside ablations, folds and matrices. */
  cells?: boolean;
}

/** A list of runs. */
export interface RunList {
  /** The runs that were asked for, in order. */
  runs: RunSummary[];
  /** Names of the folders that hold no results of ours, such as the feature cache. */
  others: string[];
}

/** Number of folders above a run that may be none of ours. */
const DEPTH = 3;

/**
 * Lists the results below a folder, and changes nothing. Damaged results are listed with the reason. Throws
 * UndertoneError if the folder is not there.
 *
 * @example
 * ```ts
 * import { configure, listRuns, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { runs } = await listRuns({ out, sort: "weighted_f1" });
 * console.log(runs[0].name, runs[0].state, runs[0].dev.weighted_f1);
 * ```
 */
export async function listRuns(
  { out = "outputs", sort = "age", filter = "", cells = false }: ListRunsOptions = {},
): Promise<RunList> {
  requireKnown("an order", sort, RUN_SORTS, "sort");
  const root = fromProject(out);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw badInput({
      expected: "a folder of runs",
      found: existsSync(root) ? "a file" : "nothing",
      at: root,
      todo: "Give the folder that the runs were trained into (--out), or train one with: deno task train",
    });
  }
  const { found, others } = foldersBelow(root, cells);
  const runs: RunSummary[] = [];
  for (const path of found) {
    const summary = await summaryOf(path, relative(root, path)).catch(() => undefined); // removed meanwhile
    if (summary) runs.push(summary);
    else others.push(relative(root, path));
  }
  const wanted = filter.toLowerCase();
  return {
    runs: runs.filter((run) => wordsOf(run).includes(wanted)).sort(ORDERS[sort]),
    others: others.sort(),
  };
}

/** Returns the folders that may hold results, and the names of top folders that hold none. */
function foldersBelow(root: string, cells: boolean): { found: string[]; others: string[] } {
  const found: string[] = [], others: string[] = [];
  const walk = (folder: string, depth: number): void => {
    for (const path of foldersIn(folder)) {
      const kind = kindIn(path), before = found.length;
      if (kind) found.push(path);
      const isOpen = kind ? cells && kind !== "run" : true;
      if (isOpen && depth < DEPTH) walk(path, kind ? depth : depth + 1);
      if (folder === root && found.length === before) others.push(relative(root, path));
    }
  };
  walk(root, 1);
  return { found, others };
}

/** Returns the folders in a folder, links to folders too; none if it can't be read. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted().map((name) => join(folder, name)).filter((path) =>
      existsSync(path) && statSync(path).isDirectory()
    );
  } catch {
    return [];
  }
}

function kindIn(path: string) {
  try {
    return kindOf(path);
  } catch {
    return undefined; // it can't be read
  }
}

const wordsOf = ({ name, kind, methods, data, protocol, text, audio }: RunSummary): string =>
  [name, kind, ...methods, data, protocol, text, audio].filter(Boolean).join("\n").toLowerCase();

const byName = (a: RunSummary, b: RunSummary): number => a.name < b.name ? -1 : Number(a.name > b.name);
const f1Of = ({ dev }: RunSummary): number => dev.weighted_f1 ?? -1;
const timeOf = ({ started }: RunSummary): number => started === undefined ? 0 : Date.parse(started);

/** Ties are in the order of names. */
const ORDERS: Readonly<Record<RunSort, (a: RunSummary, b: RunSummary) => number>> = {
  weighted_f1: (a, b) => f1Of(b) - f1Of(a) || byName(a, b),
  age: (a, b) => timeOf(b) - timeOf(a) || byName(a, b),
  size: (a, b) => b.bytes - a.bytes || byName(a, b),
  name: byName,
};
