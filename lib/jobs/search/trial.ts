/** Trains a trial of a search up to some epoch: an ordinary run, which is stopped there and resumed later. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type AblateConfig,
  type AblationCell,
  cellPath,
  isControl,
  planFor,
  requireFitting,
  type SearchConfig,
} from "../../config/mod.ts";
import type { Dataset } from "../../data/mod.ts";
import { fingerprint } from "../../encoders/mod.ts";
import { badInput, UndertoneError } from "../../errors.ts";
import { readJson, requireWritable, writeJsonAtomic } from "../../files/mod.ts";
import { loadCheckpoint } from "../../train/mod.ts";
import {
  type CellData,
  clipsOf,
  identityOf,
  readCellData,
  readsClips,
  sameClips,
  writeCellData,
} from "../ablation/cell_data.ts";
import type { OpenGroups } from "../ablation/groups.ts";
import { hashOf, plannedStates } from "../ablation/state.ts";
import type { Prepared } from "../prepare.ts";
import { readEvents } from "../results.ts";
import { resumeRun } from "../resume.ts";
import type { RunEvent } from "../run_event.ts";
import { runFolder } from "../run_folder.ts";
import { trainPlanned } from "../train.ts";
import type { UserModule } from "../user_modules.ts";
import { trialPlan, type Values } from "./space.ts";

/** What all trials of a search share. */
export interface Shared {
  folder: string;
  dataset: Dataset;
  modules: readonly UserModule[];
  overwrite: boolean;
  signal?: AbortSignal;
  /** Returns what a trial of a method is trained on. */
  dataOf(method: string): CellData;
  prepare(): Promise<Prepared>;
}

/** Returns the run of a trial, or of the winner with another seed. */
export function trialCell(
  config: SearchConfig,
  values: Values,
  { id, folder, dataset, seed = config.seed }: Pick<Shared, "folder" | "dataset"> & {
    id: string;
    seed?: number;
  },
): AblationCell {
  const plan = planFor(trialPlan({ ...config, seed }, values, { out: folder, name: id }), dataset.target);
  requireFitting(plan.config, dataset);
  return { id, recipe: id, seed, control: isControl(plan.method), config: plan.config, plan };
}

/** Returns a function that gives what a method's trials are trained on, as fingerprints. */
export async function dataOfMethods(
  config: AblateConfig,
  cells: readonly AblationCell[],
  open: OpenGroups,
  signal?: AbortSignal,
): Promise<Shared["dataOf"]> {
  const identity = identityOf(open.dataset);
  const clips = cells.some(readsClips) ? await clipsOf(open.dataset, config, signal) : {};
  const all = new Map(cells.map((cell) => [cell.config.method, {
    rows: identity(open.fingerprints(cell)),
    ...readsClips(cell) && { clips },
  }]));
  return (method) => all.get(method)!;
}

/** How far a trial is. */
export interface Reached {
  state: "new" | "started" | "done";
  /** Epochs that its checkpoint has seen. */
  epochs: number;
}

/** Returns how far a trial is. Throws UndertoneError if its folder holds another one, unless `overwrite`. */
export async function reachedBy(cell: AblationCell, shared: Shared): Promise<Reached> {
  const [state] = await plannedStates({ ...shared, cells: [cell] }, shared), run = runFolder(cellPath(cell));
  if (state === "new") return { state, epochs: 0 };
  const kept = await readCellData(run), ours = shared.dataOf(cell.config.method);
  if (!kept || kept.rows !== ours.rows || !sameClips(kept.clips, ours.clips ?? {})) {
    if (shared.overwrite) return { state: "new", epochs: 0 };
    throw badInput({
      expected: "trials on these data",
      found: `${cell.id}, which was trained on others`,
      at: shared.folder,
      todo: "Choose another --name, or train again with --overwrite.",
    });
  }
  if (state === "done") return { state, epochs: cell.config.epochs };
  return { state, epochs: (await loadCheckpoint(run.last)).state?.epoch ?? 0 };
}

/** Trains a trial to the end of `epochs`, if it is not that far. */
export async function* trainTo(
  cell: AblationCell,
  epochs: number,
  shared: Shared,
): AsyncGenerator<RunEvent, void> {
  const { state, epochs: before } = await reachedBy(cell, shared), { signal } = shared;
  const isWhole = epochs >= cell.config.epochs;
  if (state === "done" || (!isWhole && before >= epochs)) return;
  const end = new AbortController(), stop = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
  const options = {
    controls: false,
    prepared: await shared.prepare(),
    modules: shared.modules,
    signal: stop,
  };
  const run = state === "started"
    ? resumeRun(cellPath(cell), options)
    : trainPlanned(cell.plan, { ...options, overwrite: true });
  for await (const event of run) {
    if (event.type === "prepared") await writeCellData(event.folder, shared.dataOf(cell.config.method));
    yield event;
    if (event.type === "checkpoint" && !isWhole && event.epoch + 1 >= epochs) end.abort();
  }
}

/**
 * Returns a trial's score after `epochs`: the best value of its metric on dev so far. Null if the metric is
 * undefined in all of them.
 */
export async function scoreOf({ config, ...cell }: AblationCell, epochs: number, higherIsBetter: boolean) {
  const events = await readEvents(runFolder(cellPath({ config, ...cell })));
  const values = events.flatMap((event) =>
    event.type === "epoch" && event.epoch < epochs ? event.dev[config.select] ?? [] : []
  );
  if (values.length === 0) return null;
  return values.reduce((a, b) => (higherIsBetter ? b > a : b < a) ? b : a);
}

/** Why a trial could not be trained, and of what that is true. */
interface Failure {
  hash: string;
  reason: string;
}

/** Each trial has a file of its own, since several processes may write. */
export const failureIn = (folder: string, id: string): string => join(folder, "failures", `${id}.json`);

/** Reads why a trial failed. Earlier versions kept all failures in one file. */
async function keptFailure(folder: string, id: string): Promise<Failure | undefined> {
  const own = failureIn(folder, id), all = join(folder, "failures.json");
  if (existsSync(own)) return await readJson(own) as Failure;
  return existsSync(all) ? (await readJson(all) as Record<string, Failure>)[id] : undefined;
}

/** Returns the hash of all that may make a trial fail: its options, its data, and the user's code. */
const causeOf = (cell: AblationCell, { dataOf, modules }: Shared): string =>
  fingerprint(JSON.stringify([
    hashOf(cell),
    dataOf(cell.config.method),
    modules.map(({ files }) => [...files.values()]),
  ]));

/** Returns why a trial could not be trained, if it was tried before. */
export async function failureOf(cell: AblationCell, shared: Shared): Promise<string | undefined> {
  const kept = await keptFailure(shared.folder, cell.id);
  return kept?.hash === causeOf(cell, shared) ? kept.reason : undefined;
}

/** Keeps why a trial could not be trained. Throws the error again if it says nothing about the trial. */
export async function keepFailure(cell: AblationCell, shared: Shared, error: unknown): Promise<string> {
  // Numbers that are not finite come from the trial's options; all else is wrong for every trial.
  if (!(error instanceof UndertoneError) || !/finite/.test(error.message)) throw error;
  const path = failureIn(shared.folder, cell.id);
  await requireWritable(dirname(path));
  await writeJsonAtomic(path, { hash: causeOf(cell, shared), reason: error.message } satisfies Failure);
  return error.message;
}
