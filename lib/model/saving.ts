/** Converts a model to a checkpoint and back. */
import { disposeParams, type Params } from "../nn/mod.ts";
import { type ContextOptions, readsTurns, type Standardizer } from "../data/mod.ts";
import {
  type EncoderFiles,
  type FrozenEncoder,
  isLora,
  type Modality,
  type ModelEncoder,
  modelEncoder,
  networkOf,
  restoreEncoder,
  speechEncoder,
  textEncoderFor,
  trainsWithLora,
} from "../encoders/mod.ts";
import { badInput, UndertoneError } from "../errors.ts";
import { parseKept } from "../schema.ts";
import {
  type Checkpoint,
  type CheckpointAbout,
  loadCheckpoint,
  parseJsonText,
  type RawTensors,
  restoreParams,
  tensorsOf,
  type TrainState,
} from "../train/mod.ts";
import { type TrainConfig, trainConfig, withoutAuto, withSavedNames } from "../config/mod.ts";
import { FILES, requireHead, standardizerName } from "./claims.ts";
import type { Classifier } from "./classifier.ts";
import { earlierParams } from "./earlier.ts";
import { adapted, MODALITIES, type ModelEncoders, paramsOf } from "./model_encoders.ts";

/**
 * Returns a checkpoint of the model, with what is known of its training and the training state. With LoRA, an
 * encoder's frozen weights and files stay where they are: its name and fingerprint are enough to find them.
 */
export async function toCheckpoint(
  model: Classifier,
  config: TrainConfig,
  { rows, modules, extended }: Pick<CheckpointAbout, "rows" | "modules" | "extended">,
  state: TrainState,
): Promise<Checkpoint> {
  const extras: RawTensors = {};
  const bases = config.lora ? MODALITIES.filter((modality) => model.modelEncoders[modality]) : [];
  for (const modality of MODALITIES) {
    const { mean, std } = model.standardizers[modality] ?? {};
    if (mean) extras[standardizerName(modality, "mean")] = { shape: [mean.length], data: mean };
    if (std) extras[standardizerName(modality, "std")] = { shape: [std.length], data: std };
  }
  for (const modality of MODALITIES) {
    const { files = {} } = bases.includes(modality) ? {} : model.modelEncoders[modality] ?? {};
    for (const [name, json] of Object.entries(files)) {
      const data = new TextEncoder().encode(JSON.stringify(json));
      extras[`${FILES}${modality}.${name}`] = { shape: [data.length], data };
    }
  }
  const { target, labels, encoders, method, options, sizes, params } = model;
  const about = {
    config: { ...config },
    ...target !== "class" && { target },
    labels: [...labels],
    encoders,
    method: method.id,
    options,
    sizes,
    seed: config.seed,
    rows,
    ...modules && { modules },
    ...extended && { extended },
    ...bases.length > 0 && { bases },
  };
  return { about, params: await tensorsOf(heldOf(params, bases)), extras, state };
}

/** Returns the parameters that a checkpoint holds: all except the frozen weights of these encoders. */
const heldOf = (params: Params, bases: readonly Modality[]): Params =>
  Object.fromEntries(
    Object.entries(params).filter(([name]) =>
      trainsWithLora(name) || !bases.some((modality) => name.startsWith(`${modality}.`))
    ),
  );

/** Loads a model and the configuration of its training. Throws UndertoneError. */
export async function loadClassifier(path: string): Promise<{ model: Classifier; config: TrainConfig }> {
  const checkpoint = await loadCheckpoint(path), config = configOf(checkpoint, path);
  return { model: await toClassifier(checkpoint, config, path), config };
}

/** Returns the configuration of the training that wrote a checkpoint. Throws UndertoneError. */
export const configOf = ({ about }: Checkpoint, path: string): TrainConfig =>
  withoutAuto(
    parseKept(trainConfig, withSavedNames(about.config), `the configuration in ${path}`),
    about.target ?? "class",
  );

/**
 * Builds the model of a checkpoint, with its parameters on the current engine. Throws UndertoneError if the
 * tensors do not match the described model, before anything is allocated.
 */
export async function toClassifier(
  checkpoint: Checkpoint,
  config: TrainConfig,
  path: string,
): Promise<Classifier> {
  const { about, params: saved, extras } = checkpoint;
  const { target = "class", sizes, labels, encoders, bases = [] } = about;
  const { method, options, inside } = requireHead(checkpoint, config, path);
  const restored: ModelEncoders = {};
  const earlier = config.context?.states ?? 0;
  let modelEncoders = restored, params: Params = {};
  try {
    for (const modality of inside) {
      const files = filesOf(modality, extras, path), { id, width } = encoders[modality]!;
      restored[modality] = bases.includes(modality)
        ? await baseEncoder(modality, encoders, path, config.context)
        : await restoreEncoder(modality, id, files, weightsOf(modality, saved), path, {
          inContext: modality === "text" && readsTurns(config.context),
        });
      params = paramsOf(restored);
      requireWidth(restored[modality], width, path);
    }
    modelEncoders = adapted(restored, config);
    params = {
      ...method.init(options, sizes, about.seed),
      ...earlierParams(earlier, encoders, about.seed),
      ...paramsOf(modelEncoders),
    };
    restoreParams(heldOf(params, bases), saved, { at: path });
  } catch (refused) {
    disposeParams(params);
    throw refused;
  }
  const standardizers: Classifier["standardizers"] = {};
  for (const modality of MODALITIES) {
    const mean = extras[standardizerName(modality, "mean")], std = extras[standardizerName(modality, "std")];
    if (!mean || !std) continue;
    // Copy: the standardisers outlive the rest of the file, whose bytes they may share.
    standardizers[modality] = { mean: mean.data.slice(), std: std.data.slice() } as Standardizer;
  }
  const maxLength = { text: config.max_text_length, audio: config.max_audio_length };
  return {
    method,
    options,
    sizes,
    target,
    labels,
    encoders,
    modelEncoders,
    standardizers,
    maxLength,
    earlier,
    params,
  };
}

/**
 * Returns the encoder that the LoRA matrices of a checkpoint change, read from its own folder. Throws
 * UndertoneError if it is not there, or not the one of the training.
 */
async function baseEncoder(
  modality: Modality,
  encoders: Classifier["encoders"],
  at: string,
  context?: ContextOptions,
): Promise<ModelEncoder> {
  const { id, fingerprint } = encoders[modality]!;
  const find = async (): Promise<FrozenEncoder<never>> => {
    if (modality === "audio") return await speechEncoder(id);
    return await textEncoderFor(id, context);
  };
  const encoder = await find().catch((error) => {
    if (!(error instanceof UndertoneError)) throw error;
    throw badInput({
      expected: `the model ${id} (${fingerprint}), which the LoRA matrices of this checkpoint change,`,
      found: `none that can be read (${error.message})`,
      at,
      todo: "Put that model where its name says, or run this where it is.",
    }, error);
  });
  requireSameEncoders({ encoders: { [modality]: encoders[modality] } }, { [modality]: encoder }, at);
  return modelEncoder(networkOf(encoder));
}

function requireWidth({ id, width }: { id: string; width: number }, wanted: number, at: string): void {
  if (width === wanted) return;
  throw badInput({
    expected: `hidden states of width ${wanted} from the encoder ${id}, as the head reads them`,
    found: `width ${width}`,
    at,
    todo: "The file was changed after it was written: use another checkpoint.",
  });
}

/** Returns the files from which the model's encoder was built. */
const filesOf = (modality: Modality, extras: RawTensors, path: string): EncoderFiles =>
  mapUnder(
    `${FILES}${modality}.`,
    extras,
    ({ data }, name) => parseJsonText(new TextDecoder().decode(data as Uint8Array), `${name} in ${path}`),
  );

/** Returns an encoder's weights under its own names, without LoRA matrices. */
const weightsOf = (modality: Modality, params: RawTensors): RawTensors =>
  mapUnder(
    `${modality}.`,
    Object.fromEntries(Object.entries(params).filter(([name]) => !isLora(name))),
    (tensor) => tensor,
  );

/** Returns the entries whose names start with a prefix, mapped, under the rest of their names. */
const mapUnder = <V, W>(
  start: string,
  record: Record<string, V>,
  map: (value: V, name: string) => W,
): Record<string, W> =>
  Object.fromEntries(
    Object.entries(record).filter(([name]) => name.startsWith(start))
      .map(([name, value]) => [name.slice(start.length), map(value, name)]),
  );

/**
 * Throws UndertoneError if an encoder has changed since the model was
 * trained. An encoder in the model may be missing. `at` is the checkpoint.
 */
export function requireSameEncoders(
  { encoders, modelEncoders = {} }: Pick<Classifier, "encoders"> & Partial<Pick<Classifier, "modelEncoders">>,
  found: Partial<Record<Modality, Pick<FrozenEncoder<never>, "id" | "fingerprint" | "formerly" | "stored">>>,
  at: string,
): void {
  for (const modality of MODALITIES) {
    const trained = encoders[modality], now = found[modality];
    if (!trained || trained.fingerprint === now?.fingerprint || (modelEncoders[modality] && !now)) continue;
    throw badInput({
      expected: `the ${modality} encoder ${trained.id} (${trained.fingerprint})`,
      found: now ? `${now.id} (${now.fingerprint})` : "none",
      at,
      todo: now && trained.fingerprint === now.formerly?.fingerprint
        ? `The version that trained it ${now.formerly.did}, and this one does not: use that version, or train again.`
        : now?.stored
        ? "These features changed since training: put the former ones back. Evaluate and infer read others by the " +
          `same tool if they are named: --${modality} ${trained.id}.`
        : "Its weights or preprocessing changed since training: use the version that trained it, or train again.",
    });
  }
}
