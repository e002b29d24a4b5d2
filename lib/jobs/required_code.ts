/**
 * The code of the user's that a checkpoint needs: whether it is here, and what to type where it is not. Nothing that a
 * checkpoint names is run by itself.
 */
import { basename, dirname, join } from "node:path";
import { type Modality, speechEncoders, textEncoders } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { metricsFor } from "../eval/mod.ts";
import { fusionMethods } from "../fusion/mod.ts";
import { type Classifier, configOf, MODALITIES, toClassifier } from "../model/mod.ts";
import { allLosses, type Checkpoint, loadCheckpoint } from "../train/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
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
  /** Modalities whose encoders will run. Default all. */
  modalities?: readonly Modality[];
  /** Also what training needs: the loss, the metric that chooses, and every module as it was. */
  training?: boolean;
  /** Tell also of modules that nothing needs, but that may have registered metrics. */
  metrics?: boolean;
}

/**
 * A model with the configuration of its training, once `use` is imported; `notes` say of code that is not that of the
 * training. Throws UndertoneError that says which module is missing and what to type.
 */
export async function loadModel(
  path: string,
  use: readonly string[] = [],
  needs: CodeNeeds = {},
): Promise<{ model: Classifier; config: TrainConfig; notes: string[] }> {
  await useModules(use);
  const checkpoint = await loadCheckpoint(path), config = configOf(checkpoint, path);
  const notes = await requireCode(checkpoint, config, path, needs);
  return { model: await toClassifier(checkpoint, config, path), config, notes };
}

/**
 * Notes of code that differs from what a checkpoint was trained with. Throws UndertoneError where something that it names
 * is not registered, and, to go on training, where a module is not the one of before.
 */
export async function requireCode(
  { about }: Checkpoint,
  config: TrainConfig,
  at: string,
  { modalities, training = false, metrics = false }: CodeNeeds = {},
): Promise<string[]> {
  const here = importedModules(), modules = about.modules ?? [];
  const other = modules.filter(({ sha256 }) => !here.some((module) => module.sha256 === sha256));
  const twin = ({ path }: UsedModule) => here.find((module) => basename(module.path) === basename(path));
  const missing = missingNames(about, config, { modalities, training }).join(" and ");
  const lacking = other.map(named).join(" and "), nothing = "nothing registered by that name";
  if (missing && other.length === 0) {
    throw badInput({
      expected: missing,
      found: nothing,
      at,
      todo:
        "Register it first, by the notebook's cell that did so or with --use <your module>: the run has no copy of " +
        "the code.",
    });
  }
  const changed = training ? other.find(twin) : undefined;
  if (changed) {
    throw badInput({
      expected: `${named(changed)}, to go on to the same bytes,`,
      found: `${twin(changed)!.path} (SHA-256 ${twin(changed)!.sha256})`,
      at,
      todo: `In its place, ${await whatToType(modules, other, at)}`,
    });
  }
  if (missing || (training && lacking)) {
    throw badInput({
      expected: missing ? `${missing}, by ${lacking}` : `${lacking}, to go on to the same bytes,`,
      found: nothing,
      at,
      todo: `A checkpoint's code does not run by itself: read it, then ${await whatToType(
        modules,
        other,
        at,
      )}`,
    });
  }
  return other.flatMap((module) => {
    const given = twin(module), trained = `TrainingTask with ${named(module)}`;
    if (given) return [`${trained}; ${given.path} is another (${given.sha256}), whose answers may differ.`];
    return here.length > 0 || metrics ? [`${trained}, which is not loaded here.`] : [];
  });
}

const named = ({ path, sha256 }: UsedModule) => `${path} (SHA-256 ${sha256})`;

/** What a checkpoint names and nobody has registered, in words. */
function missingNames(
  { method, encoders }: Checkpoint["about"],
  { loss, select }: TrainConfig,
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
  if (!isHere(allLosses(), loss)) missing.push(`the loss '${loss}'`);
  if (select !== "loss" && !isHere(metricsFor("class"), select)) missing.push(`the metric '${select}'`);
  return missing;
}

/** What imports a run's modules, from its copies or else from where they were, as the end of a sentence. */
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
    return `find ${
      lost.map(named).join(" and ")
    } and name it with --use: neither the run's copy nor the module ` +
      "itself is there as it was.";
  }
  const found = places as string[];
  return `type ${useFlags(found)} (in a notebook { use: ${JSON.stringify(found)} }).`;
}
