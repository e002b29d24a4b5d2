/** Finds a folder of results by the name that `listRuns` gives it, or by its path. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { badInput, nearest } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import { listRuns } from "./list.ts";
import { type RunSummary, summaryOf } from "./summary.ts";

/** Returns the folder of results. Throws UndertoneError if it is not there, or holds none of ours. */
export async function findRun(name: string, out: string): Promise<RunSummary> {
  const root = fromProject(out), path = [join(root, name), fromProject(name)].find(existsSync);
  const below = path && relative(root, path);
  const summary = path && await summaryOf(path, below && !below.startsWith("..") ? below : path);
  if (summary) return summary;
  const known = existsSync(root) ? (await listRuns({ out, cells: true })).runs.map(({ name }) => name) : [];
  const meant = nearest(name, known);
  throw badInput({
    expected: "a run, an ablation, the folds of a protocol, a matrix of corpora or a search",
    found: path ? "something else" : "nothing",
    at: path ?? join(root, name),
    todo: meant && !path ? `Did you mean ${meant}?` : "List them with: deno task runs",
  });
}
