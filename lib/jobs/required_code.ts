/**
 * Checks that the user code which a checkpoint needs is loaded, and says what to type if it is not. Code that
 * a checkpoint names is never run automatically.
 */
import { basename, dirname, join } from "node:path";
import { allAugmentations, COPIES, lacksSource } from "../data/mod.ts";
import { type Modality, speechEncoders, textEncoders } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { allMetrics } from "../eval/mod.ts";
import { fusionMethods } from "../fusion/mod.ts";
import { type Classifier, configOf, MODALITIES, toClassifier } from "../model/mod.ts";
import { allLosses, type Checkpoint, loadCheckpoint } from "../train/mod.ts";
import { type TrainConfig, withoutAuto } from "../config/mod.ts";
import { configNotes } from "./kept_config.ts";
import { MODULES } from "./run_folder.ts";
import {
  importedModules,
  isThere,
  keptModules,
  type UsedModule,
  useFlags,
  useModules,
} from "./user_modules.ts";

export interface CodeNeeds {
  /** Modalities whose encoders will run. Default: all. */
  modalities?: readonly Modality[];
  /** Also require what training needs: the loss, the selection metric, and every module unchanged. */
  training?: boolean;
  /** Also note modules that may have registered only metrics. */
  metrics?: boolean;
}

/**
 * Imports `use`, then loads a model and the configuration of its training. `notes` report code that differs
 * from that of the training. Throws UndertoneError that names the missing module and what to type.
 */
export async function loadModel(
  path: string,
  use: readonly string[] = [],
  needs: CodeNeeds = {},
): Promise<{ model: Classifier; config: TrainConfig; about: Checkpoint["about"]; notes: string[] }> {
  await useModules(use);
  const checkpoint = await loadCheckpoint(path), config = configOf(checkpoint, path);
  const { about } = checkpoint, { target = "class" } = about;
  const notes = [
    ...await requireCode(checkpoint, config, path, needs),
    ...await configNotes(path, config, { target }),
  ];
  return { model: await toClassifier(checkpoint, config, path), config, about, notes };
}

/**
 * Returns notes on code that differs from that of the training. Throws UndertoneError if something that the
 * checkpoint names is not registered, or, for training, if a module has changed.
 */
export async function requireCode(
  { about }: Checkpoint,
  config: TrainConfig,
  at: string,
  { modalities, training = false, metrics = false }: CodeNeeds = {},
): Promise<string[]> {
  const here = importedModules(), modules = about.modules ?? [];
  const other = notImported(modules);
  const twin = ({ path }: UsedModule) => here.find((module) => basename(module.path) === basename(path));
  const missing = missingNames(about, config, { modalities, training }).join(" and ");
  if (missing && other.length === 0) throw await unregistered(missing, modules, at);
  const changed = training ? other.find(twin) : undefined;
  if (changed) {
    throw badInput({
      expected: `${named(changed)}, to resume to the same bytes,`,
      found: `${twin(changed)!.path} (SHA-256 ${twin(changed)!.sha256})`,
      at,
      todo: `Instead, ${await whatToType(modules, other, at)}`,
    });
  }
  if (missing || (training && other.length > 0)) throw await unregistered(missing, modules, at);
  return other.flatMap((module) => {
    const given = twin(module), trained = `Trained with ${named(module)}`;
    if (given) {
      return [`${trained}; ${given.path} is another version (${given.sha256}), so answers may differ.`];
    }
    return here.length > 0 || metrics ? [`${trained}, which is not loaded here.`] : [];
  });
}

/**
 * Throws UndertoneError if a run's data need a source that is not registered here. It names the run's
 * modules, which may have it, and what to type.
 */
export async function requireDataSource(
  data: string,
  modules: readonly UsedModule[] = [],
  at: string,
): Promise<void> {
  if (!await lacksSource(data)) return;
  // Without a missing module, the path itself may be wrong, which reading it tells better.
  if (notImported(modules).length === 0) return;
  throw await unregistered(`the data source that reads '${data}'`, modules, at);
}

/** Returns the modules that this process has not imported. */
const notImported = (modules: readonly UsedModule[]): UsedModule[] =>
  modules.filter(({ sha256 }) => !importedModules().some((module) => module.sha256 === sha256));

/** Returns the error for code that is not here: what is `missing`, if known, and the modules to import. */
async function unregistered(missing: string, modules: readonly UsedModule[], at: string) {
  const other = notImported(modules), lacking = other.map(named).join(" and ");
  return badInput({
    expected: !missing
      ? `${lacking}, to resume to the same bytes,`
      : lacking
      ? `${missing}, registered by ${lacking}`
      : missing,
    found: "nothing registered by that name",
    at,
    todo: lacking
      ? `A checkpoint's code never runs automatically: read it, then ${await whatToType(modules, other, at)}`
      : "Register it first, in a notebook cell or with --use <your module>: the run has no copy of the code.",
  });
}

const named = ({ path, sha256 }: UsedModule) => `${path} (SHA-256 ${sha256})`;

/** Describes the names in a checkpoint that nobody has registered. */
function missingNames(
  { method, encoders, target = "class" }: Checkpoint["about"],
  config: TrainConfig,
  { modalities = MODALITIES, training }: CodeNeeds,
): string[] {
  const isHere = (entries: readonly { id: string }[], name: string) => entries.some(({ id }) => id === name);
  const missing: string[] = [];
  if (!isHere(fusionMethods, method)) missing.push(`the fusion method '${method}'`);
  for (const modality of modalities) {
    const all = modality === "text" ? textEncoders() : speechEncoders();
    const id = encoders[modality]?.id ?? "none", parts = modality === "text" ? [id] : id.split("+");
    const absent = id !== "none" && parts.find((part) => !isHere(all, part.split(":")[0]));
    if (absent) missing.push(`the ${modality === "text" ? "text" : "speech"} encoder '${absent}'`);
  }
  if (!training) return missing;
  const { loss, select } = withoutAuto(config, target);
  if (!isHere(allLosses(), loss)) missing.push(`the loss '${loss}'`);
  if (select !== "loss" && !isHere(allMetrics(), select)) missing.push(`the metric '${select}'`);
  const augmentation = Object.keys(config.augment).find((id) =>
    id !== COPIES && !isHere(allAugmentations(), id)
  );
  if (augmentation) missing.push(`the augmentation '${augmentation}'`);
  return missing;
}

/**
 * Returns what to type to import a run's modules, from its
 * copies or their original paths, as the end of a sentence.
 */
async function whatToType(
  modules: readonly UsedModule[],
  other: readonly UsedModule[],
  checkpoint: string,
): Promise<string> {
  const copies = await keptModules(modules, join(dirname(dirname(checkpoint)), MODULES));
  const places = await Promise.all(
    other.map(async (module) =>
      copies[modules.indexOf(module)] ?? (await isThere(module) ? module.path : undefined)
    ),
  );
  const lost = other.filter((_, i) => places[i] === undefined);
  if (lost.length > 0) {
    return `find ${lost.map(named).join(" and ")} and name it with --use: the run's copy and the module ` +
      "itself are missing or changed.";
  }
  const found = places as string[];
  return `type ${useFlags(found)} (in a notebook { use: ${JSON.stringify(found)} }).`;
}
