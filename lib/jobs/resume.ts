/** Resumes a run from its last checkpoint, also with more epochs or with data that have moved. */
import { existsSync } from "node:fs";
import { planFor, planRun, type TrainConfig } from "../config/mod.ts";
import { badInput, count } from "../errors.ts";
import { appendLine, readJson, writeJsonAtomic } from "../files/mod.ts";
import { configOf, requireSameEncoders, toCheckpoint, toClassifier } from "../model/mod.ts";
import { type EpochEvent, loadCheckpoint, saveCheckpoint, type TrainState } from "../train/mod.ts";
import { requireSameRows } from "./content.ts";
import { withCopies } from "./copies.ts";
import { readDivision } from "./division.ts";
import { extend, requireUnfinished } from "./extension.ts";
import { fit } from "./fit.ts";
import { configNotes } from "./kept_config.ts";
import { holdRun, isStub, replacedRun, telling } from "./held_run.ts";
import { lowerNotes } from "./lower_parts.ts";
import { normalized } from "./normalized.ts";
import { precisionNotes } from "./precision.ts";
import { rowsRef, withNotes } from "./prepare.ts";
import { requireCode } from "./required_code.ts";
import { readEvents } from "./results.ts";
import type { RunEvent } from "./run_event.ts";
import { openRun, type RunFolder } from "./run_folder.ts";
import { preparedFor, type RunOptions } from "./train.ts";
import { trainAndSave, type Training } from "./training.ts";
import { useTrainingEngine } from "./training_device.ts";
import { useModules } from "./user_modules.ts";

/** Options of a resumed run. */
export interface ResumeOptions extends Omit<RunOptions, "init" | "overwrite"> {
  /** Your modules that the run was trained with; they are imported first. */
  use?: readonly string[];
  /**
   * More epochs than the run was planned for, also for a finished run. Its learning-rate schedule then
   * changes.
   */
  epochs?: number;
  /** Where the run's data lie now, if they have moved. Their content must be the same. */
  data?: string;
  /** Encoding of the moved data's CSV files. */
  encoding?: string;
}

/**
 * Resumes a stopped run, or extends it. Without more epochs, it ends in the same bytes as an unbroken run.
 * Throws UndertoneError if the run is finished, or if its rows have changed.
 *
 * @example
 * ```ts
 * import { configure, resumeRun, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 2, name: "first", out });
 * const stop = new AbortController();
 * for await (const { type } of trainRun(config, { signal: stop.signal })) if (type === "epoch") stop.abort();
 * for await (const event of resumeRun(`${out}/first`)) console.log(event.type);
 * ```
 */
export async function* resumeRun(
  path: string,
  { use, ...options }: ResumeOptions = {},
): AsyncGenerator<RunEvent, void> {
  const folder = openRun(path), { data, encoding, epochs } = options;
  await using run = await holdRun(folder);
  requireCheckpoint(folder);
  const checkpoint = await loadCheckpoint(folder.last), kept = configOf(checkpoint, folder.last);
  const { about, state } = checkpoint;
  if (!state) {
    throw badInput({
      expected: "a checkpoint with the position of its training",
      found: "weights only",
      at: folder.last,
      todo: "Start a new run from these weights with --init.",
    });
  }
  await requireBest(folder, state);
  const extended = extend(state, kept, epochs, { folder, before: about.extended });
  await requireUnfinished(folder, state, { ...kept, epochs: epochs ?? kept.epochs }, about.modules);
  await useModules(use);
  await requireCode(checkpoint, kept, folder.last, { training: true });
  const config = {
    ...kept,
    epochs: epochs ?? kept.epochs,
    data: data ?? kept.data,
    encoding: encoding ?? (data === undefined ? kept.encoding : undefined),
  };
  const notes = await useTrainingEngine(config, await deviceBefore(folder));
  notes.push(...await precisionNotes(config));
  const model = await toClassifier(checkpoint, config, folder.last);
  const plan = planFor(planRun(config, { kept: true }), model.target);
  const division = await readDivision(folder);
  const known = { target: model.target, labels: model.labels, division };
  const read = await preparedFor(plan, { ...options, ...known });
  const before = await epochsBefore(folder, state.epoch);
  const prepared = withNotes(normalized(await withCopies(read, plan, options), model, config), [
    ...notes,
    ...lowerNotes(model, read.examples, plan),
    ...await configNotes(folder.last, kept, { target: model.target, isLast: true }),
    ...missingEpochs(folder, before, state),
  ]);
  requireSameEncoders(model, prepared.encoders, folder.last);
  requireSameRows(about.rows, rowsRef(prepared), config.data);
  const training = fit(model, prepared.examples, plan, {
    resume: state,
    signal: options.signal,
    frameWidth: prepared.encoders.audio?.frameWidth,
    cache: config.cache,
    onProgress: options.onProgress,
  });
  const start = { run, plan, prepared, model, training, modules: about.modules, extended, before };
  if (epochs !== undefined || data !== undefined) await keepChanges(start, state, kept);
  yield* telling(run, config, trainAndSave(start, options));
}

/**
 * Saves a resumed run's new epochs and data before it trains, so that they hold if it is killed. The
 * checkpoint comes first, because resuming reads it.
 */
async function keepChanges(start: Training, state: TrainState, { epochs: from }: TrainConfig): Promise<void> {
  const { run: { folder }, plan: { config }, prepared, model, modules, extended } = start;
  const about = { rows: rowsRef(prepared), modules, extended };
  await saveCheckpoint(folder.last, await toCheckpoint(model, config, about, state));
  await writeJsonAtomic(folder.config, { ...config, name: folder.name });
  if (config.epochs !== from) {
    const event = { type: "extended", from, to: config.epochs, step: state.step };
    await appendLine(folder.events, JSON.stringify(event));
  }
}

/** Returns the device in the run's record. Runs whose record is gone count as trained on the CPU. */
async function deviceBefore({ environment }: RunFolder): Promise<string> {
  const known = await readJson(environment).catch(() => undefined) as { device?: unknown } | undefined;
  return typeof known?.device === "string" ? known.device : "cpu";
}

/** Returns the epochs of a run that end before `epoch`. */
const epochsBefore = async (folder: RunFolder, epoch: number): Promise<EpochEvent[]> =>
  (await readEvents(folder)).filter((event) => event.type === "epoch").filter((event) => event.epoch < epoch);

/** Returns a note if epochs of the run so far are not in its events. */
function missingEpochs(
  { events }: RunFolder,
  before: readonly EpochEvent[],
  { epoch }: TrainState,
): string[] {
  const missing = epoch - new Set(before.map((event) => event.epoch)).size;
  return missing === 0
    ? []
    : [`${events} lacks ${missing} of the ${count(epoch, "epoch")} so far; the curves go on without them.`];
}

/** Throws UndertoneError if the best epoch so far can't be read: it may stay the best. */
async function requireBest({ best, last }: RunFolder, { early: { bestEpoch } }: TrainState): Promise<void> {
  if (bestEpoch === null) return;
  const fault = await loadCheckpoint(best).then(() => undefined, (error) => error);
  if (fault === undefined) return;
  throw badInput({
    expected: `the checkpoint of the best epoch so far, ${bestEpoch + 1},`,
    found: `an error (${fault.message})`,
    at: best,
    todo: `Put the file back, or start a new run with --init ${last}.`,
  }, fault);
}

/** Throws UndertoneError if a run was killed before its first checkpoint. */
function requireCheckpoint(folder: RunFolder): void {
  const { last, path, name } = folder, old = replacedRun(folder);
  if (existsSync(last)) return;
  throw badInput({
    expected: "a checkpoint to resume from",
    found: "a run that ended before its first one",
    at: path,
    todo: `Start it again with --name ${name}${isStub(path) ? "" : " --overwrite"}.` +
      (old ? ` The run that it was about to replace is complete in ${old}.` : ""),
  });
}
