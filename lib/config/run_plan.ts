/**
 * The plan of a run: its configuration, completed and checked once, with every name replaced by what it
 * names.
 */
import type { z } from "zod";
import {
  type Augmenting,
  augmentingBy,
  type ContextOptions,
  type Modality,
  readsTurns,
} from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { requireEncoder } from "../encoders/mod.ts";
import { type FusionMethod, fusionMethod } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import type { TargetKind } from "../target.ts";
import { AUTO, type Loss, lossNamed } from "../train/mod.ts";
import { forTarget, requireMetric } from "./target.ts";
import {
  phasesOf,
  requirePossible,
  trainedEncoders,
  trainsEncoder,
  withLoraTargets,
  withoutEncoders,
} from "./plan.ts";
import { augmentFor, augmentNotes, requireAugmentable } from "./augment.ts";
import { requireFrozen, wholeNormalize } from "./normalize.ts";
import { higherIsBetter, type Phase, type TrainConfig } from "./train.ts";

/** How the runs of a plan use the encoder of a modality. */
export interface EncoderPlan {
  /** Name of the encoder, or `none`. */
  name: string;
  /** Whether it is frozen in the first phase, so that its hidden states can come from the cache. */
  startsFrozen: boolean;
  /** Whether it trains in some phase, so that it is part of the model. */
  trains: boolean;
}

/** Everything that the parts of a run need to know. Nothing below looks a name up again. */
export interface RunPlan {
  /** The configuration that the run keeps: options completed, and `none` for encoders that are not read. */
  config: TrainConfig;
  method: FusionMethod;
  /** The method's options. */
  options: Record<string, unknown>;
  /** The encoders that the method reads. */
  encoders: Partial<Record<Modality, EncoderPlan>>;
  phases: readonly Phase[];
  /** What is done to training rows. */
  augmenting: Augmenting;
  /** What was assumed, to be shown to the user. */
  notes: readonly string[];
}

/** The plan of a run whose kind of target is known. */
export interface TargetedPlan extends RunPlan {
  loss: Loss;
  /** Whether a larger value of the dev metric `select` is better. */
  higherIsBetter: boolean;
}

/** Returns the fusion method of a configuration with its checked and completed options. */
export function resolveMethod(
  config: Pick<TrainConfig, "method" | "options">,
): Pick<RunPlan, "method" | "options"> {
  const method = fusionMethod(config.method);
  const options = parseWith(
    method.options as z.ZodType<Record<string, unknown>>,
    config.options,
    `the options of ${method.id}`,
    (path) => `options.${path.map(String).join(".")}`,
  );
  return { method, options };
}

/**
 * Completes and checks a configuration. A `kept` one was completed when its run began, and the run's encoders
 * may be in its checkpoint alone. Throws UndertoneError before any work if a name or an option is wrong.
 */
export function planRun(given: TrainConfig, { kept = false } = {}): RunPlan {
  const { method, options } = resolveMethod(given), train = kept ? given.train : withLoraTargets(given);
  if (!kept) requirePossible({ ...given, train });
  const { loss, select } = given;
  if (loss !== AUTO) lossNamed(loss);
  if (select !== AUTO && select !== "loss") requireMetric(select, given.target);
  const unused = (["text", "audio"] as const).filter((modality) => !method.modalities.includes(modality));
  const config = {
    ...given,
    ...withoutEncoders({ ...given, train }, unused),
    method: method.id,
    options,
    normalize: wholeNormalize(given),
    ...Object.fromEntries(unused.map((modality) => [modality, "none"])),
    ...given.context && { context: contextFor(given.context, method) },
    augment: augmentFor(given.augment, method),
  };
  const phases = phasesOf(config), trained = trainedEncoders(phases);
  const encoders: RunPlan["encoders"] = {};
  for (const modality of method.modalities) {
    const name = config[modality];
    if (!kept && name !== "none") requireEncoder(modality, name);
    const startsFrozen = !trainsEncoder(modality, phases[0]), trains = trained.includes(modality);
    if (trains && !kept) requireFrozen(config, modality, trained);
    encoders[modality] = { name, startsFrozen, trains };
  }
  requireFrozenEarlier(config, trained);
  if (!kept) requireAugmentable(config, trained);
  const notes = train !== given.train && trained.length > 0
    ? [`With lora, the low-rank changes and the head train: --train ${config.train.join(",")}.`]
    : [];
  if (readsTurns(given.context) && !readsTurns(config.context)) {
    notes.push(`${method.id} reads no text, so it reads no turns around it.`);
  }
  return {
    config,
    method,
    options,
    encoders,
    phases,
    augmenting: augmentingBy(config.augment),
    notes: [...notes, ...augmentNotes(given, config)],
  };
}

/** Returns what a method can read of dialogues; undefined if that is nothing. */
function contextFor(context: ContextOptions, { modalities }: FusionMethod): ContextOptions | undefined {
  const read = modalities.includes("text")
    ? context
    : { past: 0, future: 0, speakers: false, states: context.states };
  return read.states > 0 || readsTurns(read) ? read : undefined;
}

/**
 * Throws UndertoneError if earlier states are asked of an encoder that trains. They would have to be kept.
 */
function requireFrozenEarlier({ context }: TrainConfig, trained: readonly Modality[]): void {
  if (!context?.states || trained.length === 0) return;
  const kind = trained[0] === "text" ? "text" : "speech";
  throw badInput({
    expected: `a frozen ${kind} encoder for --context.states`,
    found: "one that trains, so that the states of earlier utterances change at each step",
    at: "the configuration",
    todo: `Leave '${
      trained[0]
    }' out of what trains, or use --context.past, which puts earlier texts before a text.`,
  });
}

/**
 * Completes a plan for the kind of target that the data has. Throws UndertoneError if its loss, its metric or
 * an option of the loss is for other kinds.
 */
export function planFor(plan: RunPlan, kind: TargetKind): TargetedPlan {
  const config = forTarget(plan.config, kind);
  return {
    ...plan,
    config,
    loss: lossNamed(config.loss),
    higherIsBetter: higherIsBetter(config.select),
  };
}
