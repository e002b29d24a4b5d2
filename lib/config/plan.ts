/** What trains when, from a configuration's words to the names of a model's parameters. */
import { badInput } from "../errors.ts";
import type { Modality } from "../data/mod.ts";
import { isLora } from "../encoders/mod.ts";
import type { TrainConfig } from "./train.ts";
import { type FreezePlan, type ParamGroup, requirePrefixes, underPrefix } from "../train/mod.ts";

/** Stands for every parameter that is no encoder's. */
const HEAD = "head";
const ENCODERS = ["text", "audio"] as const;

/** How a configuration says what trains. */
export type Phases = Pick<TrainConfig, "train" | "freeze">;

/** The phases of a configuration: its own, or a single one that trains what `train` names. */
export const phasesOf = ({ train, freeze }: Phases): TrainConfig["freeze"] =>
  freeze.length > 0 ? freeze : [{ epochs: 1, train }];

/** Whether a phase trains something of the encoder of a modality. */
export const trainsEncoder = (modality: Modality, { train }: TrainConfig["freeze"][number]): boolean =>
  train.some((prefix) => rootOf(prefix) === modality);

/** Modalities whose encoder trains in some phase, and so is part of the model. */
export const trainedEncoders = (config: Phases): Modality[] =>
  ENCODERS.filter((modality) => phasesOf(config).some((phase) => trainsEncoder(modality, phase)));

/** The same without encoders that there are none of; a phase that trained nothing else trains the head. */
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

/** Throws bad input where both ways to say what trains are used, and where lora has nothing to change. */
export function requirePossible({ train, freeze, lora }: Phases & Pick<TrainConfig, "lora">): void {
  if (lora && trainedEncoders({ train, freeze }).length === 0) {
    throw badInput({
      expected: "an encoder that trains, for lora to change",
      found: "none",
      at: "the configuration",
      todo: "Name one with --train, e.g. --train text,head.",
    });
  }
  if (freeze.length === 0 || train.join() === HEAD) return;
  throw badInput({
    expected: "either --train or phases with --freeze",
    found: "both",
    at: "the configuration",
    todo: "Name in each phase what trains, and leave --train out.",
  });
}

/** The phases for a head that reads one modality alone: its encoder trains as before, and in place of any head its own. */
export function phasesFor(modality: Modality, config: Phases): TrainConfig["freeze"] {
  const isOwn = (prefix: string) => rootOf(prefix) === modality;
  return phasesOf(config).map(({ epochs, train, except }) => {
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
 * Phases in the names of a model's parameters: a prefix `head` is all that is not under `text` or `audio`; with `lora`, only
 * the changes of encoders train. Throws bad input for a prefix that fits no name, and for a phase in which nothing is left
 * to train.
 */
export function planOf(config: Phases & Pick<TrainConfig, "lora">, names: readonly string[]): FreezePlan {
  return phasesOf(config).map(({ epochs, train, except = [] }) => {
    requirePrefixes([...train, ...except], [...names, HEAD], "the freeze plan");
    const fits = (name: string, prefix: string) =>
      underPrefix(name, prefix) || (prefix === HEAD && !isEncoders(name));
    const mayTrain = (name: string) =>
      !config.lora || !isEncoders(name) || isLora(name) || name.endsWith(".layer_weights");
    const trained = names.filter((name) =>
      mayTrain(name) && train.some((prefix) => fits(name, prefix)) &&
      !except.some((prefix) => fits(name, prefix))
    );
    if (trained.length > 0) return { epochs, train: trained };
    throw badInput({
      expected: "a phase in which something trains",
      found: `nothing that may train under ${train.join(", ")}`,
      at: "the freeze plan",
      todo: "Except less, or leave the phase out; with lora, only its changes train in encoders.",
    });
  });
}

/** Rates: an encoder's own for encoders, the head's for all the rest, the weights of an encoder's layers among it. */
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
