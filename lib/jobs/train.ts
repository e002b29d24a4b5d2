/** Trains a run: prepares the data, fits the model, and saves checkpoints, events and results in a folder. */
import { existsSync } from "node:fs";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { baseNameOf, type EncodeProgress, folderOf, isAdapter, writeAdapter } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { requireWritable, writeJsonAtomic } from "../files/mod.ts";
import {
  type Classifier,
  configOf,
  loadClassifier,
  newClassifier,
  requireSameEncoders,
  toCheckpoint,
  toClassifier,
} from "../model/mod.ts";
import {
  type CheckpointAbout,
  type Fit,
  initParams,
  loadCheckpoint,
  loadWeights,
  requireSame,
  saveCheckpoint,
  tensorsOf,
  type TrainEvent,
  type TrainState,
} from "../train/mod.ts";
import { forTarget, planOf, resolveConfig, type TrainConfig } from "../config/mod.ts";
import { withCuts } from "./cuts.ts";
import { environment } from "./environment.ts";
import { fit, labelled } from "./fit.ts";
import { type Controls, controls } from "./controls.ts";
import { blueprint, prepare, type Prepared, type PrepareOptions, restrict, rowsRef } from "./prepare.ts";
import { requireCode } from "./required_code.ts";
import { writeRejected, writeSplit } from "./results.ts";
import type { RunEvent } from "./run_event.ts";
import { checkpointPath, createRun, MODULES, openRun, requireFree, type RunFolder } from "./run_folder.ts";
import { headlineInterval, score } from "./scored.ts";
import { keepModules, useModules } from "./user_modules.ts";

/** Options of a run. */
export interface RunOptions {
  /** Checkpoint or run whose weights initialise the model; everything else starts anew. */
  init?: string;
  /** Replace a run of the same name. */
  overwrite?: boolean;
  /** Also train the text-only control, and store its result beside the run's. */
  controls?: boolean;
  /**
   * The prepared train and dev splits if they exist already, for at least these modalities.
   * @internal
   */
  prepared?: Prepared;
  /** Stops after the current step and saves a checkpoint. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
}

interface Start {
  folder: RunFolder;
  config: TrainConfig;
  prepared: Prepared;
  model: Classifier;
  state?: TrainState;
  taken?: Fit;
  modules: CheckpointAbout["modules"];
}

/**
 * Trains a new run. If `signal` aborts, it stops early and
 * leaves a checkpoint to resume from. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * for await (const event of trainRun(config)) {
 *   if (event.type === "epoch") console.log(event.epoch, event.dev.macro_f1);
 * }
 * ```
 */
export async function* trainRun(
  config: TrainConfig,
  options: RunOptions = {},
): AsyncGenerator<RunEvent, void> {
  const modules = await useModules(config.use);
  await useEngine(config);
  const untargeted = resolveConfig(config);
  const wanted = { name: config.name, overwrite: options.overwrite ?? false };
  requireFree(config.out, wanted); // fail before the work, not after it
  await requireWritable(config.out);
  const weights = options.init && await loadWeights(checkpointPath(options.init));
  const prepared = await preparedFor(untargeted, options);
  const resolved = forTarget(untargeted, prepared.dataset.target);
  const model = newClassifier(blueprint(prepared, resolved));
  const taken = weights ? initParams(model.params, weights, { at: options.init! }) : undefined;
  planOf(config, Object.keys(model.params)); // throws if the plan is wrong
  if (config.lora) requireWholeModels(model);
  const fallback = `${prepared.dataset.name}-${resolved.method}-s${resolved.seed}`;
  const folder = await createRun(config.out, { ...wanted, fallback });
  await writeJsonAtomic(folder.config, { ...resolved, name: folder.name });
  await writeJsonAtomic(folder.environment, environment());
  await writeRejected(folder.rejected, prepared.rejected);
  await keepModules(modules, folder.file(MODULES));
  const used = modules.map(({ path, sha256 }) => ({ path, sha256 }));
  yield* go({
    folder,
    config: resolved,
    prepared,
    model,
    taken,
    modules: used.length > 0 ? used : undefined,
  }, options);
}

/**
 * Resumes a stopped run. It ends in the same bytes as an unbroken run. `use` names your modules that the run
 * was trained with. Throws UndertoneError.
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
  { use, ...options }: Omit<RunOptions, "init" | "overwrite"> & { use?: readonly string[] } = {},
): AsyncGenerator<RunEvent, void> {
  const folder = openRun(path);
  requireCheckpoint(folder);
  const checkpoint = await loadCheckpoint(folder.last), config = configOf(checkpoint, folder.last);
  const { about, state } = checkpoint;
  await useModules(use);
  await requireCode(checkpoint, config, folder.last, { training: true });
  await useEngine(config);
  if (!state) {
    throw badInput({
      expected: "a checkpoint with the position of its training",
      found: "weights only",
      at: folder.last,
      todo: "Start a new run from these weights with --init.",
    });
  }
  const model = await toClassifier(checkpoint, config, folder.last);
  const prepared = await preparedFor(config, { ...options, target: model.target, labels: model.labels });
  requireSameEncoders(model, prepared.encoders, folder.last);
  requireSame(about, { rows: rowsRef(prepared) }, folder.last);
  yield* go({ folder, config, prepared, model, state, modules: about.modules }, options);
}

/** Throws UndertoneError if a run was killed before its first checkpoint. */
function requireCheckpoint({ last, path, name }: RunFolder): void {
  if (existsSync(last)) return;
  throw badInput({
    expected: "a checkpoint to resume from",
    found: "a run that ended before its first one",
    at: path,
    todo: `Start it again with --name ${name} --overwrite.`,
  });
}

/** Prepares train and dev for the configuration's method. */
const preparedFor = async (
  config: TrainConfig,
  { prepared, ...options }: RunOptions & Pick<PrepareOptions, "target" | "labels">,
): Promise<Prepared> =>
  prepared
    ? restrict(prepared, fusionMethod(config.method).modalities)
    : await prepare(config, { splits: ["train", "dev"], ...options });

/** Trains a run whose folder exists, then writes its results. */
async function* go(start: Start, options: RunOptions): AsyncGenerator<RunEvent, void> {
  const { folder, config, prepared, model, state, taken, modules } = start, { signal } = options;
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  const began = performance.now(), rows = rowsRef(prepared);
  yield {
    type: "prepared",
    folder,
    config,
    dataset: withCuts(prepared, model),
    rows: { train: rows.train, dev: rows.dev },
    rejected: prepared.rejected.length,
    taken,
  };
  for await (const event of fit(model, prepared.examples, config, { resume: state, signal })) {
    if (event.type !== "checkpoint") await appendLine(folder.events, event);
    if (event.type === "checkpoint") {
      const checkpoint = await toCheckpoint(model, config, { rows, modules }, event.state);
      // Saves the best first: a run killed in between repeats the epoch and writes both.
      if (event.isBest) await saveCheckpoint(folder.best, { ...checkpoint, state: undefined });
      await saveCheckpoint(folder.last, checkpoint);
    }
    yield event;
    if (event.type === "stopped" && event.reason === "aborted") return;
  }
  const beside = options.controls === false
    ? undefined
    : yield* asRunEvents(controls(prepared, config, signal));
  if (signal?.aborted) return;
  const best = (await loadClassifier(folder.best)).model;
  await writeAdapters(folder, best, config);
  const { rows: scored, metrics } = await score(best, labelled(prepared.examples.dev), signal);
  disposeParams(best.params);
  const result = await writeSplit(folder, "dev", prepared.dataset, scored, {
    metrics,
    ...headlineInterval(scored, prepared.dataset),
    controls: beside,
  });
  yield { type: "result", folder, result, seconds: (performance.now() - began) / 1000 };
}

/** Writes each encoder's LoRA matrices to `adapters/<modality>` in peft's format. */
async function writeAdapters(
  folder: RunFolder,
  { modelEncoders }: Classifier,
  { lora }: TrainConfig,
): Promise<void> {
  if (!lora) return;
  for (const [modality, { id, params }] of Object.entries(modelEncoders)) {
    await writeAdapter(folder.file(`adapters/${modality}`), {
      options: lora,
      base: baseNameOf(folderOf(id)),
      tensors: await tensorsOf(params),
    });
  }
}

/** Throws UndertoneError for an adapter of an adapter, which peft's format can't describe. */
function requireWholeModels({ modelEncoders }: Classifier): void {
  const folder = Object.values(modelEncoders).map(({ id }) => baseNameOf(folderOf(id))).find(isAdapter);
  if (!folder) return;
  throw badInput({
    expected: "a model with its own weights for lora",
    found: "an adapter of another model",
    at: folder,
    todo: "Merge it into its model with peft (merge_and_unload), save that model, and train from its folder.",
  });
}

/** Yields the control's events as run events, and returns its result. */
async function* asRunEvents(
  training: AsyncGenerator<TrainEvent, Controls>,
): AsyncGenerator<RunEvent, Controls> {
  for (;;) {
    const { done, value } = await training.next();
    if (done) return value;
    yield { type: "control", event: value };
  }
}

const appendLine = (path: string, value: unknown): Promise<void> =>
  Deno.writeTextFile(path, JSON.stringify(value) + "\n", { append: true });
