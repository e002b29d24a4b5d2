/** A model as a checkpoint, and back. */
import type { Standardizer } from "../data/mod.ts";
import type { Modality } from "../encoders/encoder.ts";
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

const MODALITIES: readonly Modality[] = ["text", "audio"];

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
  return { model: toClassifier(checkpoint, config, path), config };
}

/** The configuration of the training that wrote a checkpoint. Throws UndertoneError. */
export const configOf = ({ about }: Checkpoint, path: string): TrainConfig =>
  parseWith(trainConfig, about.config, `the configuration in ${path}`);

/** The model in a checkpoint, its parameters on the engine in use. Throws UndertoneError. */
export function toClassifier(
  { about, params: saved, extras }: Checkpoint,
  config: TrainConfig,
  path: string,
): Classifier {
  const method = fusionMethod(about.method, path);
  const params = method.init(about.options, about.sizes, about.seed);
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
  return { method, options, sizes, labels, encoders, standardizers, maxLength, params };
}

/** Throws bad input where an encoder of today is not the one that a model was trained on; `at` is the checkpoint. */
export function requireSameEncoders(
  { encoders }: Pick<Classifier, "encoders">,
  found: Partial<Record<Modality, { id: string; fingerprint: string }>>,
  at: string,
): void {
  for (const modality of MODALITIES) {
    const trained = encoders[modality], now = found[modality];
    if (!trained || trained.fingerprint === now?.fingerprint) continue;
    throw badInput({
      expected: `the ${modality} encoder ${trained.id} (${trained.fingerprint})`,
      found: now ? `${now.id} (${now.fingerprint})` : "none",
      at,
      todo:
        "Its weights or preprocessing changed since training: use the version that trained it, or train again.",
    });
  }
}
