/** Translates the `train` and `freeze` options into the names of parameters that train in each phase. */
import { badInput } from "../errors.ts";
import type { Modality } from "../data/mod.ts";
import { isTrainable, trainsWithLora } from "../encoders/mod.ts";
import type { Phase, TrainConfig } from "./train.ts";
import { type FreezePlan, type ParamGroup, requirePrefixes, underPrefix } from "../train/mod.ts";

/** The prefix that selects all parameters outside the encoders. */
const HEAD = "head";
const ENCODERS = ["text", "audio"] as const;

/** The options that say which parameters train. */
export type Phases = Pick<TrainConfig, "train" | "freeze">;

/** Returns the phases of a configuration. Without `freeze`, it is one phase that trains `train`. */
export const phasesOf = ({ train, freeze }: Phases): Phase[] =>
  freeze.length > 0 ? freeze : [{ epochs: 1, train }];

/** Returns whether a phase trains any parameter of this modality's encoder. */
export const trainsEncoder = (modality: Modality, { train }: Phase): boolean =>
  train.some((prefix) => rootOf(prefix) === modality);

/** Returns the modalities whose encoders train in some phase, so that they are part of the model. */
export const trainedEncoders = (phases: readonly Phase[]): Modality[] =>
  ENCODERS.filter((modality) => phases.some((phase) => trainsEncoder(modality, phase)));

/** Removes the prefixes of absent encoders. A phase that would train nothing else then trains the head. */
export function withoutEncoders({ train, freeze }: Phases, absent: readonly Modality[]): Phases {
  const there = (prefix: string) => !(absent as readonly string[]).includes(rootOf(prefix));
  const left = (prefixes: string[]) => prefixes.some(there) ? prefixes.filter(there) : [HEAD];
  return {
    train: left(train),
    freeze: freeze.map(({ epochs, train, except }) => ({
      epochs,
      train: left(train),
      ...except?.some(there) && { except: except.filter(there) },
    })),
  };
}

/**
 * Returns what trains with LoRA if the configuration names only the head: every encoder that can be trained,
 * beside the head.
 */
export function withLoraTargets(
  { train, freeze, lora, ...names }: Phases & Pick<TrainConfig, "lora" | Modality>,
): string[] {
  if (!lora || freeze.length > 0 || train.join() !== HEAD) return train;
  return [...ENCODERS.filter((modality) => isTrainable(modality, names[modality])), HEAD];
}

/** Throws UndertoneError if both `train` and `freeze` are set, or if LoRA has no trainable encoder. */
export function requirePossible(
  { train, freeze, lora, text, audio }: Phases & Pick<TrainConfig, "lora" | Modality>,
): void {
  if (lora && trainedEncoders(phasesOf({ train, freeze })).length === 0) {
    const isAny = isTrainable("text", text) || isTrainable("audio", audio);
    throw badInput({
      expected: "an encoder that trains with lora",
      found: isAny
        ? `phases that train ${train.join()} alone`
        : `text ${text} and speech ${audio}, which can't be trained`,
      at: "the configuration",
      todo: isAny ? "Name it where the head is named, e.g. text,head." : "Name one, e.g. --text hf:<folder>.",
    });
  }
  if (freeze.length === 0 || train.join() === HEAD) return;
  throw badInput({
    expected: "either --train or phases with --freeze",
    found: "both",
    at: "the configuration",
    todo: "Name the trainable parts in each phase, and remove --train.",
  });
}

/**
 * Returns the phases for a head that reads one modality. Its encoder trains as configured. Its own head
 * replaces any prefix of another part.
 */
export function phasesFor(modality: Modality, phases: readonly Phase[]): Phase[] {
  const isOwn = (prefix: string) => rootOf(prefix) === modality;
  return phases.map(({ epochs, train, except }) => {
    const own = train.filter(isOwn), excepted = except?.filter(isOwn) ?? [];
    const encoderAlone = own.length > 0 && train.every(isEncoders);
    return {
      epochs,
      train: encoderAlone ? own : [...own, HEAD],
      ...excepted.length > 0 && { except: excepted },
    };
  });
}

const rootOf = (prefix: string) => prefix.split(".")[0];

const isEncoders = (prefix: string) => (ENCODERS as readonly string[]).includes(rootOf(prefix));

/**
 * Returns the phases with the full names of their parameters. The prefix `head` selects all parameters
 * outside `text` and `audio`. With `lora`, an encoder trains only its LoRA matrices and layer weights. Throws
 * UndertoneError if a prefix matches no name or a phase has no trainable parameter.
 */
export function freezePlan(
  phases: readonly Phase[],
  { lora }: Pick<TrainConfig, "lora">,
  names: readonly string[],
): FreezePlan {
  return phases.map(({ epochs, train, except = [] }) => {
    requirePrefixes([...train, ...except], [...names, HEAD, ...ENCODERS], "--train or --freeze");
    const fits = (name: string, prefix: string) =>
      underPrefix(name, prefix) || (prefix === HEAD && !isEncoders(name));
    const mayTrain = (name: string) => !lora || !isEncoders(name) || trainsWithLora(name);
    const trained = names.filter((name) =>
      mayTrain(name) && train.some((prefix) => fits(name, prefix)) &&
      !except.some((prefix) => fits(name, prefix))
    );
    if (trained.length > 0) return { epochs, train: trained };
    throw badInput({
      expected: "a phase with trainable parameters",
      found: `none under ${train.join(", ")}`,
      at: "--train or --freeze",
      todo:
        "Exclude fewer prefixes or remove the phase. With lora, an encoder trains only LoRA matrices and layer weights.",
    });
  });
}

/**
 * Returns the parameter groups with their learning rates. Encoders have `encoder_lr`; all else has `lr`,
 * including the layer weights of an encoder.
 */
export function groupsOf(
  { lr, encoder_lr, weight_decay: weightDecay }: Pick<TrainConfig, "lr" | "encoder_lr" | "weight_decay">,
  names: readonly string[],
): ParamGroup[] {
  const own = ENCODERS.map((prefix) => ({ prefix, lr: encoder_lr, weightDecay }));
  const mixing = ENCODERS.map((encoder) => ({ prefix: `${encoder}.layer_weights`, lr, weightDecay }));
  return [
    { prefix: "", lr, weightDecay },
    ...[...own, ...mixing].filter(({ prefix }) => names.some((name) => underPrefix(name, prefix))),
  ];
}
