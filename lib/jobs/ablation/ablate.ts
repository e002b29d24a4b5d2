/**
 * Runs an ablation: trains every recipe with every seed as its own run, then compares them with the controls.
 */
import { useEngine } from "../../compute/mod.ts";
import type { Dataset, Split } from "../../data/mod.ts";
import type { EncodeProgress } from "../../encoders/mod.ts";
import type { Scores } from "../../eval/mod.ts";
import { requireWritable } from "../../files/mod.ts";
import {
  type AblateConfig,
  type AblationCell,
  cellPath,
  groupingWords,
  labelMapOf,
} from "../../config/mod.ts";
import { environment } from "../environment.ts";
import { lockFolder, requireUnlocked } from "../lock.ts";
import { readResults } from "../results.ts";
import type { RunEvent } from "../run_event.ts";
import { runFolder } from "../run_folder.ts";
import { useModules } from "../user_modules.ts";
import { readSystems } from "./answers.ts";
import { testCell, trainCell } from "./cell.ts";
import { groupsOf, notesOf, openGroups } from "./groups.ts";
import { planAblation } from "./plan.ts";
import { writeAblation } from "./write.ts";
import { type AblationCellState, openAblation } from "./state.ts";
import { type AblationResults, summarise } from "./table.ts";

/**
 * An event of an ablation: the plan, training events per
 * cell, finished cells, readings of test, and the table.
 */
export type AblateEvent =
  | {
    type: "planned";
    folder: string;
    dataset: Dataset;
    rejected: number;
    cells: AblationCell[];
    states: AblationCellState[];
  }
  | { type: "cell"; cell: AblationCell; event: RunEvent }
  | { type: "trained"; cell: AblationCell; dev: Scores; before: boolean }
  /** Notes on the test split that the plan did not have yet. */
  | { type: "noted"; notes: readonly string[] }
  | { type: "tested"; cell: AblationCell; done: number; total: number }
  | { type: "result"; folder: string; results: AblationResults; seconds: number };

/** Options of an ablation. */
export interface AblateOptions {
  /** Retrain cells that were trained with another configuration or data. */
  overwrite?: boolean;
  /** Whether the controls of a single modality are trained, too. Default true. */
  controls?: boolean;
  /** Stops the ablation after the current step; the same call resumes it. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
}

/**
 * Trains all cells that are not trained yet, on the same rows. Cells that read the data alike follow one
 * another, and only their data are in memory. Reads the test split after all cells are trained. The last
 * event is the table, unless `signal` aborts. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { ablate, configureAblation } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * for await (const event of ablate(config)) {
 *   if (event.type === "result") console.log(event.results.systems);
 * }
 * ```
 */
export async function* ablate(
  given: AblateConfig,
  { overwrite = false, controls = true, signal, onProgress }: AblateOptions = {},
): AsyncGenerator<AblateEvent, void> {
  const began = performance.now();
  const modules = await useModules(given.use);
  await useEngine(given);
  const planned = await planAblation(given, controls);
  const { config, folder, cells, pairs, modalities } = planned;
  await requireUnlocked(folder); // fail before the work, not after it
  const groups = groupsOf(cells);
  const open = await openGroups(groups, planned.dataset, { test: config.test, signal, onProgress });
  const { dataset, fingerprints } = open;
  await requireWritable(folder);
  await using lock = await lockFolder(folder);
  const options = { config, dataset, fingerprints, modules, overwrite, signal };
  const { states, dataOf } = await openAblation(folder, cells, options);
  yield {
    type: "planned",
    folder,
    dataset: { ...dataset, notes: open.notes },
    rejected: open.rejected.length,
    cells,
    states,
  };

  for (const group of groups) {
    for (const cell of group.cells) {
      const training = { cell, state: states[cells.indexOf(cell)], data: dataOf(cell), modules, signal };
      yield* trainCell(training, () => open.prepared(group, ["train", "dev"]));
      if (signal?.aborted) return;
    }
  }

  const table = async (splits: Split[]) => {
    await lock.requireHeld();
    const { target, labels } = dataset, seeds = [...new Set(config.seeds)];
    const systems = await readSystems(cells, splits, { train: open.train, target, labels });
    const normalize = groupingWords(config, modalities);
    const results: AblationResults = {
      ...summarise(systems, splits, seeds, dataset, { pairs, protocol: config.protocol }),
      ...normalize && { normalize },
      ...labelMapOf(config),
    };
    await writeAblation(folder, results, { config, environment: environment() });
    return results;
  };
  let results: AblationResults | undefined;
  const unread = config.test ? await unreadCells(cells) : [];
  if (!config.test || unread.length > 0) results = await table(["dev"]); // it stays if test can't be read
  if (config.test) {
    const told = new Set(open.notes);
    let done = 0;
    for (const group of groups) {
      const own = group.cells.filter((cell) => unread.includes(cell));
      const prepared = await open.prepared(group, ["test"]);
      const notes = notesOf(prepared, group.cells).filter((note) => !told.has(note));
      notes.forEach((note) => told.add(note));
      if (notes.length) yield { type: "noted", notes };
      for (const cell of own) {
        await testCell(cell, { prepared, data: dataOf(cell), engine: config, signal });
        yield { type: "tested", cell, done: ++done, total: unread.length };
      }
    }
    results = await table(["dev", "test"]);
  }
  yield { type: "result", folder, results: results!, seconds: (performance.now() - began) / 1000 };
}

async function unreadCells(cells: readonly AblationCell[]): Promise<AblationCell[]> {
  const results = await Promise.all(cells.map((cell) => readResults(runFolder(cellPath(cell)))));
  return cells.filter((_, i) => !results[i].test);
}
