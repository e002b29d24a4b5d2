/** Trains a new run: prepares the data, builds the model and makes the folder. */
import { baseNameOf, type EncodeProgress, folderOf, isAdapter } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { asking } from "../explain.ts";
import { requireWritable, writeJsonAtomic } from "../files/mod.ts";
import { type Classifier, newClassifier } from "../model/mod.ts";
import { initParams, loadWeights } from "../train/mod.ts";
import { planFor, planRun, requireFitting, type RunPlan, type TrainConfig } from "../config/mod.ts";
import { withCopies } from "./copies.ts";
import { writeDivision } from "./division.ts";
import { environment } from "./environment.ts";
import { fit } from "./fit.ts";
import { lowerNotes } from "./lower_parts.ts";
import { normalized } from "./normalized.ts";
import { precisionNotes } from "./precision.ts";
import { blueprint, prepare, type Prepared, type PrepareOptions, restrict, withNotes } from "./prepare.ts";
import { writeRejected } from "./results.ts";
import type { RunEvent } from "./run_event.ts";
import { createRun, requireFree, telling } from "./held_run.ts";
import { checkpointPath, MODULES } from "./run_folder.ts";
import { trainAndSave } from "./training.ts";
import { useTrainingEngine } from "./training_device.ts";
import { keepModules, useModules, type UserModule } from "./user_modules.ts";

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
  const notes = await useTrainingEngine(config);
  yield* trainPlanned(planRun(config), { ...options, modules, notes });
}

/** Trains a new run by its plan, on the engine in use. Throws UndertoneError. */
export async function* trainPlanned(
  untargeted: RunPlan,
  { modules, notes = [], ...options }: RunOptions & {
    modules: readonly UserModule[];
    notes?: readonly string[];
  },
): AsyncGenerator<RunEvent, void> {
  const { config: { name, out, precision }, method } = untargeted;
  const wanted = { name, overwrite: options.overwrite ?? false };
  await requireFree(out, wanted); // fail before the work, not after it
  await requireWritable(out);
  const told = [...notes, ...await precisionNotes({ precision })];
  const weights = options.init && await loadWeights(checkpointPath(options.init));
  const unscaled = await preparedFor(untargeted, options);
  const plan = planFor(untargeted, unscaled.dataset.target), { config } = plan;
  requireFitting(config, unscaled.dataset);
  const model = await asking(
    `the parameters of ${method.id}`,
    "Lower the method's widths.",
    () => newClassifier(blueprint(unscaled, plan)),
  );
  told.push(...lowerNotes(model, unscaled.examples, plan));
  const prepared = withNotes(normalized(await withCopies(unscaled, plan, options), model, config), told);
  const taken = weights ? initParams(model.params, weights, { at: options.init! }) : undefined;
  const training = fit(model, prepared.examples, plan, {
    signal: options.signal,
    frameWidth: prepared.encoders.audio?.frameWidth,
    cache: config.cache,
    onProgress: options.onProgress,
  });
  if (config.lora) requireWholeModels(model);
  const fallback = `${prepared.dataset.name}-${method.id}-s${config.seed}`;
  await using run = await createRun(out, { ...wanted, fallback });
  const { folder } = run;
  await writeJsonAtomic(folder.config, { ...config, name: folder.name });
  await writeJsonAtomic(folder.environment, { ...environment(), ...options.init && { init: options.init } });
  await writeRejected(folder.rejected, prepared.rejected);
  await writeDivision(folder, unscaled);
  await keepModules(modules, folder.file(MODULES));
  const used = modules.map(({ path, sha256 }) => ({ path, sha256 }));
  const start = {
    run,
    plan,
    prepared,
    model,
    training,
    taken,
    modules: used.length > 0 ? used : undefined,
  };
  yield* telling(run, config, trainAndSave(start, options));
}

/** Prepares train and dev for the plan's method. */
export const preparedFor = async (
  plan: RunPlan,
  { prepared, ...options }: RunOptions & Pick<PrepareOptions, "target" | "labels" | "division">,
): Promise<Prepared> =>
  prepared
    ? restrict(prepared, plan.method.modalities)
    : await prepare(plan, { splits: ["train", "dev"], ...options });

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
