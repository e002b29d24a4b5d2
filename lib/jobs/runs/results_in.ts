/** The metrics that a folder of results holds already. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { headlineMetrics } from "../../eval/mod.ts";
import { readJson } from "../../files/mod.ts";
import type { AblationResults, Measured } from "../ablation/table.ts";
import type { CrossResults } from "../cross/results.ts";
import type { FoldsResults } from "../folds/results.ts";
import { readResults } from "../results.ts";
import { runFolder } from "../run_folder.ts";
import type { SearchResults } from "../search/results.ts";
import type { RunKind } from "./kinds.ts";
import { headlines, type RunSummary } from "./summary.ts";

/** One metric. */
export interface RunResult {
  /** The recipe of an ablation or protocol, or the two corpora of a matrix; empty for a run. */
  of: string;
  split: "dev" | "test";
  metric: string;
  value: number | null;
}

/** Returns the metrics that tables show, in their order. Of what can't be read there are none. */
export const resultsIn = (summary: RunSummary): Promise<RunResult[]> =>
  summary.state === "broken" ? Promise.resolve([]) : READ[summary.kind](summary);

const READ: Readonly<Record<RunKind, (summary: RunSummary) => Promise<RunResult[]>>> = {
  async run({ path, dev }) {
    const { test } = await readResults(runFolder(path));
    const known = headlineMetrics().map(({ id }) => id).filter((id) => id in dev);
    return [
      ...known.map((id): RunResult => ({ of: "", split: "dev", metric: id, value: dev[id] })),
      ...test && !test.outdated
        ? Object.entries(headlines(test.metrics)).map(([metric, value]): RunResult => ({
          of: "",
          split: "test",
          metric,
          value,
        }))
        : [],
    ];
  },

  async ablation({ path }) {
    const { systems = [] } = await read<AblationResults>(path);
    return systems.flatMap(({ name, dev, test }) => [
      ...meansOf(name, "dev", dev),
      ...meansOf(name, "test", test),
    ]);
  },

  async folds({ path }) {
    const { systems = [] } = await read<FoldsResults>(path);
    return systems.flatMap(({ name, dev, pooled }) => [
      ...meansOf(name, "dev", dev),
      ...meansOf(name, "test", pooled?.metrics),
    ]);
  },

  async cross({ path }) {
    const { cells = [] } = await read<CrossResults>(path);
    return cells.flatMap(({ train, test, metrics }) => meansOf(`${train} → ${test}`, "test", metrics));
  },

  async search({ path }) {
    const { winner, metric } = await read<SearchResults>(path);
    if (!winner || metric === undefined) return [];
    const value = winner.retrained?.mean ?? winner.searched;
    return [{ of: "winner", split: "dev", metric, value }];
  },
};

async function read<T>(path: string): Promise<Partial<T>> {
  const file = join(path, "results.json");
  return existsSync(file) ? await readJson(file) as T ?? {} : {};
}

/** Returns the means over seeds. */
const meansOf = (of: string, split: "dev" | "test", measured: Measured = {}): RunResult[] =>
  headlineMetrics().flatMap(({ id }) =>
    id in measured ? [{ of, split, metric: id, value: measured[id].mean }] : []
  );
