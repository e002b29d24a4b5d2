/** Trains one cell of an ablation, in the ablation's own process or in one that a scheduler starts. */
import { useEngine } from "../../compute/mod.ts";
import { type AblateConfig, type AblationCell, cellPath } from "../../config/mod.ts";
import { badInput } from "../../errors.ts";
import { evaluate } from "../evaluate.ts";
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
import { planDivisions } from "./divisions.ts";
import { type CellGroup, groupsOf, type OpenGroups, openGroups } from "./groups.ts";
import type { AblationPlan } from "./plan.ts";
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

/** Reads the test split by a cell that is trained. */
export async function testCell(
  cell: AblationCell,
  { prepared, data, ...options }: {
    prepared: Prepared;
    data: CellData;
    engine: AblateConfig;
    signal?: AbortSignal;
  },
): Promise<void> {
  await evaluate(cellPath(cell), { split: "test", prepared, ...options });
  await writeCellData(runFolder(cellPath(cell)), data); // with the clips of test
}

/** Which cell of how many, counted from 1. */
export interface Part {
  /** The number of the cell. */
  number: number;
  /** How many cells there are. */
  of: number;
}

/**
 * Trains one cell of an ablation, counted fold by fold if its protocol has folds. It writes in the cell's own
 * folder alone, so that any number of processes can train the cells of an ablation at once; `ablate` or
 * `crossValidate` then finds them trained. Throws UndertoneError.
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
  part: Part,
  options: AblateOptions = {},
): AsyncGenerator<AblateEvent, void> {
  yield* (await openCells(given, options)).train(part);
}

/** The cells of an ablation, for a process that trains some of them. */
export interface OpenCells {
  /** Trains one cell. Cells of one fold read the data once. */
  train(part: Part): AsyncGenerator<AblateEvent, void>;
  /** Reads the test split by one cell, unless it was read before. All cells must be trained. */
  test(part: Part): Promise<void>;
}

/** Opens the cells of an ablation: plans them, and reads their data when one is trained. */
export async function openCells(
  given: AblateConfig,
  { overwrite = false, controls = true, signal, onProgress }: AblateOptions = {},
): Promise<OpenCells> {
  const modules = await useModules(given.use);
  await useEngine(given);
  const { plans } = await planDivisions(given, controls);
  const all = plans.flatMap((plan) => plan.cells.map((cell) => ({ plan, cell })));
  let held: { plan: AblationPlan; groups: CellGroup[]; open: OpenGroups } | undefined;
  const openPlan = async (plan: AblationPlan) => {
    if (held?.plan === plan) return held;
    const groups = groupsOf(plan.cells);
    held = undefined; // one fold's data at a time
    const open = await openGroups(groups, plan.dataset, { test: plan.config.test, signal, onProgress });
    return held = { plan, groups, open };
  };
  const find = ({ number, of }: Part) => {
    const found = all[number - 1];
    if (found && of === all.length) return found;
    throw noSuchCell(`${number}/${of}`, all.length);
  };
  const openCell = async ({ plan, cell }: typeof all[number]) => {
    const { groups, open } = await openPlan(plan), { dataset, fingerprints } = open;
    const states = { config: plan.config, dataset, fingerprints, modules, overwrite, signal };
    const { states: [state], dataOf } = await cellStates(plan.folder, [cell], states);
    const group = groups.find(({ cells }) => cells.includes(cell))!;
    return { open, state, data: dataOf(cell), group };
  };
  return {
    async *train(part) {
      const found = find(part), { plan, cell } = found;
      await awaitExpiry(cellPath(cell), signal);
      const { open, state, data, group } = await openCell(found);
      yield {
        type: "planned",
        folder: plan.folder,
        dataset: { ...open.dataset, notes: open.notes },
        rejected: open.rejected.length,
        cells: [cell],
        states: [state],
      };
      yield* trainCell({ cell, state, data, modules, signal }, () => open.prepared(group, ["train", "dev"]));
    },
    async test(part) {
      const found = find(part), { cell } = found;
      if ((await readResults(runFolder(cellPath(cell)))).test) return;
      const { open, data, group } = await openCell(found);
      await testCell(cell, { prepared: await open.prepared(group, ["test"]), data, engine: given, signal });
    },
  };
}

const noSuchCell = (found: string, cells: number) =>
  badInput({
    expected: `a cell of ${cells}`,
    found,
    at: "--cell",
    todo: `Give one of 1/${cells} to ${cells}/${cells}, with the flags of the ablation.`,
  });
