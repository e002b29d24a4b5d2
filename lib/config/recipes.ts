/** What the recipes of an ablation have in common, and the controls that they need. */
import { isDeepStrictEqual } from "node:util";
import type { Modality } from "../data/mod.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { type Phases, withoutEncoders } from "./plan.ts";
import type { Phase, TrainConfig } from "./train.ts";

/** A named recipe: its method, and the options that it changes. */
export type Recipe = [name: string, values: Record<string, unknown> & { method: string }];

/** Options that training reads, but not the preparation of data. */
const TRAINING: readonly (keyof TrainConfig)[] = [
  ...(["method", "options", "name", "out", "seed", "epochs", "batch_size", "accumulate", "lr"] as const),
  ...(["encoder_lr", "weight_decay", "warmup", "schedule", "clip", "loss", "label_smoothing"] as const),
  ...(["focal_gamma", "class_weights", "select", "patience", "normalize", "train", "freeze"] as const),
  ...(["lora", "gradient_checkpointing", "augment", "sampling", "track", "precision"] as const),
];

/** Returns whether runs that differ only in this option read the same prepared data. */
export const isTrainingOption = (key: string): boolean => (TRAINING as readonly string[]).includes(key);

type Common = Readonly<Partial<TrainConfig>>;

/**
 * Returns the recipes of the control methods `ids` that are not given. There is one for each encoder that
 * fused recipes read. That of the common encoder has the common options. Others are named after their encoder
 * and train as the recipes that read it, where these agree.
 */
export function controlRecipes(ids: readonly string[], given: readonly Recipe[], common: Common): Recipe[] {
  const recipes: Recipe[] = [], names = new Set(given.map(([name]) => name));
  for (const id of ids) {
    const [modality] = fusionMethod(id).modalities;
    const encoderOf = ([, values]: Recipe) => String(values[modality] ?? common[modality]);
    const fused = given.filter(([, { method }]) => {
      const { modalities } = fusionMethod(method);
      return modalities.length > 1 && modalities.includes(modality);
    });
    const own = given.filter(([, { method }]) => method === id), usual = String(common[modality]);
    for (const encoder of fused.length > 0 ? new Set(fused.map(encoderOf)) : [usual]) {
      const isUsual = encoder === usual; // then a variant under another name does not replace the control
      const isGiven = own.some((recipe) => encoderOf(recipe) === encoder && (!isUsual || recipe[0] === id));
      if (encoder === "none" || isGiven) continue;
      const [, last] = /([^:/]+)\/*$/.exec(encoder) ?? [];
      const free = [...isUsual ? [id] : [], `${id}-${worded(last ?? encoder)}`, `${id}-${worded(encoder)}`];
      const name = free.find((name) => !names.has(name)) ?? free.at(-1)!;
      names.add(name);
      const readers = fused.filter((recipe) => encoderOf(recipe) === encoder);
      recipes.push([name, { ...!isUsual && sharedBy(readers, modality), method: id }]);
    }
  }
  return recipes;
}

/** Returns the options that recipes set alike, without those of methods and of the other modality. */
function sharedBy(recipes: readonly Recipe[], modality: Modality): Record<string, unknown> {
  const [[, first], ...others] = recipes;
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) =>
      !["method", "options", "published"].includes(key) && (ofModality(key) ?? modality) === modality &&
      others.every(([, values]) => isDeepStrictEqual(values[key], value))
    ),
  );
}

const worded = (text: string): string => text.replaceAll(/[^\w.-]+/g, "-");

/** Options of a recipe that only one modality has. */
const ofModality = (key: string): Modality | undefined =>
  (["text", "audio"] as const).find((modality) => key === modality || key === `max_${modality}_length`);

/** Returns, by recipe, the options in which the recipes differ, as text. Recipes without any are absent. */
export function recipeDifferences(recipes: readonly Recipe[], common: Common): Map<string, string> {
  const all = recipes.map(([name, { method, options, published: _, ...values }]) => {
    const { modalities } = fusionMethod(method);
    return {
      name,
      method: name.startsWith(method) ? {} : { method }, // a name may say the method
      options: prefixed(options),
      reads: (key: string) => !ofModality(key) || modalities.includes(ofModality(key)!),
      valueOf: (key: string) => key in values ? values[key] : common[key as keyof TrainConfig],
      unread: (["text", "audio"] as const).filter((modality) => !modalities.includes(modality)),
      keys: Object.keys(values),
    };
  });
  const differing = [...new Set(all.flatMap(({ keys }) => keys))].sort(byPlace).filter((key) => {
    const readers = all.filter(({ reads }) => reads(key));
    return readers.some(({ valueOf }) => !isDeepStrictEqual(valueOf(key), readers[0].valueOf(key)));
  });
  return new Map(all.flatMap(({ name, method, options, reads, valueOf, unread }) => {
    const phases = withoutEncoders({ train: ["head"], freeze: [], ...trainingOf(valueOf) }, unread);
    const shown = (key: string) => key === "train" || key === "freeze" ? phases[key] : valueOf(key);
    const values = {
      ...method,
      ...Object.fromEntries(differing.filter(reads).map((key) => [key, shown(key)])),
      ...options,
    };
    const texts = Object.entries(values).map(([key, value]) => optionText(key, value)).filter(Boolean);
    return texts.length > 0 ? [[name, texts.join(", ")]] : [];
  }));
}

/** Encoders come first, the rest by name. */
const byPlace = (a: string, b: string): number => {
  const [first, second] = [a, b].map((key) => ["text", "audio", key].indexOf(key));
  return first - second || (a < b ? -1 : 1);
};

/** Returns what a recipe says about the parts that train, without what it leaves open. */
const trainingOf = (valueOf: (key: string) => unknown): Partial<Phases> =>
  Object.fromEntries(["train", "freeze"].flatMap((key) => valueOf(key) ? [[key, valueOf(key)]] : []));

const prefixed = (options: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options ?? {}).map(([key, value]) => [`options.${key}`, value]));

/** Writes one option: `lr 0.0003`, `freeze 2 epochs of text+head, then 1 of head`. */
function optionText(key: string, value: unknown): string {
  if (key === "freeze") return phasesText(value as Phase[]);
  const shown = Array.isArray(value)
    ? value.join("+")
    : typeof value === "object"
    ? JSON.stringify(value)
    : value;
  return value === undefined ? `no ${key}` : `${key} ${shown}`;
}

function phasesText(phases: readonly Phase[]): string {
  const parts = phases.map(({ epochs, train, except = [] }, i) =>
    `${epochs}${i === 0 ? ` epoch${epochs === 1 ? "" : "s"}` : ""} of ${train.join("+")}` +
    (except.length > 0 ? ` without ${except.join("+")}` : "")
  );
  return parts.length > 0 ? parts.join(", then ") : "";
}
