/** Checks what a checkpoint says about its model against its tensors, before the model is built. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { DOWN, isLora, type Modality } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { requireFinite } from "../finite.ts";
import { type FusionMethod, fusionMethod } from "../fusion/mod.ts";
import { shapesOf } from "../nn/mod.ts";
import { parseKept } from "../schema.ts";
import { type Checkpoint, type CheckpointAbout, requireFit } from "../train/mod.ts";
import { normalizationOf, phasesOf, type TrainConfig, trainedEncoders } from "../config/mod.ts";
import { earlierParams } from "./earlier.ts";
import { MODALITIES } from "./model_encoders.ts";

/** The name prefix of the files that the model's own encoders were built from. */
export const FILES = "files.";

/** Returns the name of a standardiser's tensor in a checkpoint. */
export const standardizerName = (modality: Modality, part: "mean" | "std") =>
  `standardizer.${modality}.${part}`;

export interface Head {
  method: FusionMethod;
  options: Record<string, unknown>;
  /** Modalities whose encoders are part of the model. */
  inside: Modality[];
}

/**
 * Checks and returns the head of a checkpoint. Its method must be registered, its options and sizes must
 * agree with the configuration, and its tensors must be exactly those of the head and standardisers; those of
 * encoders are checked elsewhere. Throws UndertoneError that names the disagreement.
 */
export function requireHead({ about, params, extras }: Checkpoint, config: TrainConfig, path: string): Head {
  const method = fusionMethod(about.method, path), { labels, encoders, seed } = about;
  const optionsOf = (options: unknown) =>
    parseKept(method.options as z.ZodType<Record<string, unknown>>, options, `the options in ${path}`);
  const options = optionsOf(about.options);
  const agree: [what: string, said: unknown, other: unknown][] = [
    ["the method that its configuration names", about.method, fusionMethod(config.method, path).id],
    ["the options of its configuration", options, optionsOf(config.options)],
    ["the sizes of its labels and encoders", about.sizes, sizesOf(labels, encoders)],
  ];
  for (const [what, said, other] of agree) {
    if (!isDeepStrictEqual(said, other)) throw disagreeing(what, other, said, path);
  }
  const inside = trainedEncoders(phasesOf(config)).filter((modality) => encoders[modality]);
  const lost = about.bases?.find((modality) => !config.lora || !inside.includes(modality));
  if (lost) throw disagreeing("encoders with LoRA where weights are left out", undefined, lost, path);
  const head = shapesOf(() => ({
    ...method.init(options, about.sizes, seed),
    ...earlierParams(config.context?.states ?? 0, encoders, seed),
  }));
  const scaling = MODALITIES.filter((modality) =>
    normalizationOf(config, modality).by !== "none" && encoders[modality] && !inside.includes(modality)
  );
  const own = (name: string) => !inside.some((modality) => name.startsWith(`${modality}.`));
  const kept = (name: string) => !inside.some((modality) => name.startsWith(`${FILES}${modality}.`));
  const tensors = {
    ...only(params, own),
    ...only(extras, kept),
  };
  requireFit({ ...head, ...standardizerShapes(scaling, encoders) }, tensors, path);
  requireFinite(tensors, path);
  requirePositive(scaling, tensors, path);
  for (const modality of inside) requireRank(modality, params, config, path);
  return { method, options, inside };
}

const sizesOf = (labels: readonly string[], { text, audio }: CheckpointAbout["encoders"]) => ({
  text: text?.width ?? 1,
  audio: audio?.width ?? 1,
  classes: labels.length,
});

const standardizerShapes = (scaling: readonly Modality[], encoders: CheckpointAbout["encoders"]) =>
  Object.fromEntries(
    scaling.flatMap((modality) =>
      (["mean", "std"] as const).map((part) => [
        standardizerName(modality, part),
        { shape: [encoders[modality]!.width] },
      ])
    ),
  );

const only = <V>(record: Record<string, V>, belongs: (name: string) => boolean): Record<string, V> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => belongs(name)));

/** Deviations must be positive, because they divide. */
function requirePositive(scaling: readonly Modality[], tensors: Checkpoint["extras"], path: string): void {
  for (const modality of scaling) {
    const name = standardizerName(modality, "std"), { data } = tensors[name];
    const place = Array.prototype.findIndex.call(data, (value) => !(value > 0));
    if (place < 0) continue;
    throw disagreeing(
      "deviations above 0",
      undefined,
      `${data[place]} at position ${place} of '${name}'`,
      path,
    );
  }
}

/**
 * The saved LoRA rank must match the configuration, because
 * the matrices are allocated before they are filled.
 */
function requireRank(
  modality: Modality,
  params: Checkpoint["params"],
  { lora }: TrainConfig,
  path: string,
): void {
  const changes = Object.keys(params).filter((name) => name.startsWith(`${modality}.`) && isLora(name));
  const ranks = new Set(changes.filter((name) => name.endsWith(DOWN)).map((name) => params[name].shape[0]));
  if (lora ? ranks.size === 1 && ranks.has(lora.r) : changes.length === 0) return;
  throw disagreeing(
    lora ? `LoRA matrices of rank ${lora.r} for its ${modality} encoder` : "no LoRA matrices",
    undefined,
    changes.length ? `rank ${[...ranks].join(", ")} (${changes[0]})` : "none",
    path,
  );
}

const disagreeing = (what: string, wanted: unknown, found: unknown, at: string) =>
  badInput({
    expected: wanted === undefined ? what : `${what}, ${JSON.stringify(wanted)},`,
    found: typeof found === "string" ? found : JSON.stringify(found),
    at,
    todo: "The file was changed after it was written: use another checkpoint.",
  });
