/** A model as a checkpoint, and back. */
import type { Standardizer } from "../data/mod.ts";
import {
  type EncoderFiles,
  type FrozenEncoder,
  isLora,
  type Modality,
  restoreEncoder,
} from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import {
  type Checkpoint,
  type CheckpointAbout,
  loadCheckpoint,
  type RawTensors,
} from "../train/checkpoint.ts";
import { type TrainConfig, trainConfig } from "../train/config.ts";
import { restoreParams, tensorsOf } from "../train/restore.ts";
import type { TrainState } from "../train/state.ts";
import type { Classifier } from "./classifier.ts";
import { adapted, type InnerEncoders, MODALITIES, paramsOf } from "./inner.ts";

/** Before the names of files that encoders inside are made from. */
const FILES = "files.";

/** The model, the rows that it is trained on and the position of its training, as a checkpoint. */
export async function toCheckpoint(
  model: Classifier,
  config: TrainConfig,
  rows: CheckpointAbout["rows"],
  state: TrainState,
): Promise<Checkpoint> {
  const extras: RawTensors = {};
  for (const modality of MODALITIES) {
    for (const [part, data] of Object.entries(model.standardizers[modality] ?? {})) {
      extras[`standardizer.${modality}.${part}`] = { shape: [data.length], data };
    }
  }
  for (const modality of MODALITIES) {
    const { files = {} } = model.inner[modality] ?? {};
    for (const [name, json] of Object.entries(files)) {
      const data = new TextEncoder().encode(JSON.stringify(json));
      extras[`${FILES}${modality}.${name}`] = { shape: [data.length], data };
    }
  }
  const { labels, encoders, method, options, sizes, params } = model;
  const about = {
    config,
    labels: [...labels],
    encoders,
    method: method.id,
    options,
    sizes,
    seed: config.seed,
    rows,
  };
  return { about, params: await tensorsOf(params), extras, state };
}

/** A model as it was saved, with the configuration of its training. Throws UndertoneError. */
export async function loadClassifier(path: string): Promise<{ model: Classifier; config: TrainConfig }> {
  const checkpoint = await loadCheckpoint(path), config = configOf(checkpoint, path);
  return { model: await toClassifier(checkpoint, config, path), config };
}

/** The configuration of the training that wrote a checkpoint. Throws UndertoneError. */
export const configOf = ({ about }: Checkpoint, path: string): TrainConfig =>
  parseWith(trainConfig, about.config, `the configuration in ${path}`);

/** The model in a checkpoint, its parameters on the engine in use. Throws UndertoneError. */
export async function toClassifier(
  { about, params: saved, extras }: Checkpoint,
  config: TrainConfig,
  path: string,
): Promise<Classifier> {
  const method = fusionMethod(about.method, path);
  const restored: InnerEncoders = {};
  for (const modality of MODALITIES) {
    const files = filesOf(modality, extras), { id } = about.encoders[modality] ?? {};
    if (!id || Object.keys(files).length === 0) continue;
    restored[modality] = await restoreEncoder(modality, id, files, weightsOf(modality, saved), path);
  }
  const inner = adapted(restored, config);
  const params = { ...method.init(about.options, about.sizes, about.seed), ...paramsOf(inner) };
  restoreParams(params, saved, { at: path });
  const standardizers: Classifier["standardizers"] = {};
  for (const modality of MODALITIES) {
    const mean = extras[`standardizer.${modality}.mean`], std = extras[`standardizer.${modality}.std`];
    if (!mean || !std) continue;
    // Copies: they outlive the rest of the file, whose bytes they may be.
    standardizers[modality] = { mean: mean.data.slice(), std: std.data.slice() } as Standardizer;
  }
  const { options, sizes, labels, encoders } = about;
  const maxLength = { text: config.max_text_length, audio: config.max_audio_length };
  return { method, options, sizes, labels, encoders, inner, standardizers, maxLength, params };
}

/** The files that an encoder inside was made from; none where there is no such encoder. */
const filesOf = (modality: Modality, extras: RawTensors): EncoderFiles =>
  mapUnder(
    `${FILES}${modality}.`,
    extras,
    ({ data }) => JSON.parse(new TextDecoder().decode(data as Uint8Array)),
  );

/** An encoder's weights under its own names, without low-rank changes. */
const weightsOf = (modality: Modality, params: RawTensors): RawTensors =>
  mapUnder(
    `${modality}.`,
    Object.fromEntries(Object.entries(params).filter(([name]) => !isLora(name))),
    (tensor) => tensor,
  );

/** Entries whose names start so, by what follows. */
const mapUnder = <V, W>(start: string, record: Record<string, V>, map: (value: V) => W): Record<string, W> =>
  Object.fromEntries(
    Object.entries(record).filter(([name]) => name.startsWith(start))
      .map(([name, value]) => [name.slice(start.length), map(value)]),
  );

/**
 * Throws bad input where an encoder of today is not the one that a model was trained on; one inside the model need not be
 * there any more. `at` is the checkpoint.
 */
export function requireSameEncoders(
  { encoders, inner = {} }: Pick<Classifier, "encoders"> & Partial<Pick<Classifier, "inner">>,
  found: Partial<Record<Modality, Pick<FrozenEncoder<never>, "id" | "fingerprint" | "formerly">>>,
  at: string,
): void {
  for (const modality of MODALITIES) {
    const trained = encoders[modality], now = found[modality];
    if (!trained || trained.fingerprint === now?.fingerprint || (inner[modality] && !now)) continue;
    throw badInput({
      expected: `the ${modality} encoder ${trained.id} (${trained.fingerprint})`,
      found: now ? `${now.id} (${now.fingerprint})` : "none",
      at,
      todo: now && trained.fingerprint === now.formerly?.fingerprint
        ? `The version that trained it ${now.formerly.did}, and this one does not: use that version, or train again.`
        : "Its weights or preprocessing changed since training: use the version that trained it, or train again.",
    });
  }
}
