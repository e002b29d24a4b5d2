/** Trains one cell of an ablation, in the ablation's own process or in one that a scheduler starts. */
import { useEngine } from "../../compute/mod.ts";
import { type AblateConfig, type AblationCell, cellPath } from "../../config/mod.ts";
import { badInput } from "../../errors.ts";
import { inPlace } from "../in_place.ts";
import { awaitExpiry } from "../lock.ts";
import type { Prepared } from "../prepare.ts";
import { readResults } from "../results.ts";
import { resumeRun } from "../resume.ts";
import { runFolder } from "../run_folder.ts";
import { trainPlanned } from "../train.ts";
import { useModules, type UserModule } from "../user_modules.ts";
import type { AblateEvent, AblateOptions } from "./ablate.ts";
import { type CellData, writeCellData } from "./cell_data.ts";
import { groupsOf, openGroups } from "./groups.ts";
import { planAblation } from "./plan.ts";
import { type AblationCellState, cellStates } from "./state.ts";

/** A cell, and what its training needs beside its rows. */
interface CellTraining {
  cell: AblationCell;
  state: AblationCellState;
  /** What the cell's folder keeps of its data. */
  data: CellData;
  modules: readonly UserModule[];
  signal?: AbortSignal;
}

/** Trains a cell, or resumes it, unless it is done. The last event is its result, unless `signal` aborts. */
export async function* trainCell(
  { cell, state, data, modules, signal }: CellTraining,
  prepare: () => Promise<Prepared>,
): AsyncGenerator<AblateEvent, void> {
  const path = cellPath(cell), before = state === "done";
  if (!before) {
    const options = { controls: false, prepared: await prepare(), modules, signal };
    const run = state === "started"
      ? resumeRun(path, options)
      : trainPlanned(cell.plan, { ...options, overwrite: true });
    for await (const event of inPlace(`the cell ${cell.id}`, run)) {
      if (event.type === "prepared") await writeCellData(event.folder, data);
      yield { type: "cell", cell, event };
    }
  }
  if (signal?.aborted) return;
  const { dev } = await readResults(runFolder(path));
  yield { type: "trained", cell, dev: dev!.metrics, before };
}

/** Which cell of how many, counted from 1. */
export interface Part {
  /** The number of the cell. */
  number: number;
  /** How many cells there are. */
  of: number;
}

/**
 * Trains one cell of an ablation. It writes in the cell's own folder alone, so that any number of processes
 * can train the cells of an ablation at once; `ablate` then finds them trained. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { ablateCell, configureAblation } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configureAblation({ methods: { text_only: {} }, seeds: [1], audio: "none", epochs: 1, out });
 * for await (const event of ablateCell(config, { number: 1, of: 1 })) {
 *   if (event.type === "trained") console.log(event.cell.id, event.dev);
 * }
 * ```
 */
export async function* ablateCell(
  given: AblateConfig,
  { number, of }: Part,
  { overwrite = false, controls = true, signal, onProgress }: AblateOptions = {},
): AsyncGenerator<AblateEvent, void> {
  const modules = await useModules(given.use);
  await useEngine(given);
  const { config, folder, cells, dataset } = await planAblation(given, controls);
  const cell = cells[number - 1];
  if (!cell || of !== cells.length) {
    throw badInput({
      expected: `a cell of ${cells.length}`,
      found: `${number}/${of}`,
      at: "--cell",
      todo:
        `Give one of 1/${cells.length} to ${cells.length}/${cells.length}, with the flags of the ablation.`,
    });
  }
  await awaitExpiry(cellPath(cell), signal);
  const groups = groupsOf(cells);
  const open = await openGroups(groups, dataset, { test: config.test, signal, onProgress });
  const { states: [state], dataOf } = await cellStates(folder, [cell], {
    config,
    dataset: open.dataset,
    fingerprints: open.fingerprints,
    modules,
    overwrite,
    signal,
  });
  yield {
    type: "planned",
    folder,
    dataset: { ...open.dataset, notes: open.notes },
    rejected: open.rejected.length,
    cells: [cell],
    states: [state],
  };
  const group = groups.find((group) => group.cells.includes(cell))!;
  const training = { cell, state, data: dataOf(cell), modules, signal };
  yield* trainCell(training, () => open.prepared(group, ["train", "dev"]));
}
