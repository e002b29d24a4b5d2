/** The options `augment` and `sampling`: what a method reads of them, and what does not fit together. */
import { augmentingBy, type Chosen, chosenOf, COPIES, type Modality } from "../data/mod.ts";
import { isStored } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import type { FusionMethod } from "../fusion/mod.ts";
import type { TargetKind } from "../target.ts";
import { normalizationOf } from "./normalize.ts";
import type { TrainConfig } from "./train.ts";

type Augment = TrainConfig["augment"];

/** Returns whether an augmentation changes anything that a method reads. */
const acts = ({ entry }: Chosen, { modalities }: Pick<FusionMethod, "modalities">): boolean =>
  entry.acts === "words"
    ? modalities.includes("text")
    : entry.acts === "waveform" || entry.acts === "states"
    ? modalities.includes("audio")
    : entry.acts === "pairs" || modalities.length > 1;

/**
 * Returns the augmentations that change what a method reads. Throws UndertoneError for an unknown name or a
 * number out of range.
 */
export function augmentFor(augment: Augment, method: Pick<FusionMethod, "modalities">): Augment {
  const kept = augmentingBy(augment).chosen.filter((chosen) => acts(chosen, method)).map((
    { entry: { id } },
  ) => id);
  return Object.fromEntries(
    Object.entries(augment).filter(([id]) => kept.includes(id) || (id === COPIES && kept.length > 0)),
  );
}

/** Returns what a run says of its augmentation. */
export function augmentNotes(
  given: Pick<TrainConfig, "augment">,
  { augment, sampling, class_weights, method }: TrainConfig,
): string[] {
  const { chosen, copies } = augmentingBy(augment), notes: string[] = [];
  const shown = chosen.map(({ entry: { id } }) => `${id} ${[augment[id]].flat().join(" to ")}`);
  const before = chosen.some(({ entry }) => entry.acts === "waveform" || entry.acts === "words");
  if (chosen.length > 0) {
    notes.push(
      `Training rows are augmented (${shown.join(", ")}${
        before ? `; a text or clip stays as it is once in ${copies + 1} times` : ""
      }); dev and test are not. The training loss is that of augmented rows.`,
    );
  }
  const asked = Object.keys(given.augment);
  if (asked.length === 1 && asked[0] === COPIES) {
    notes.push("--augment.copies alone changes nothing: add an augmentation, e.g. --augment.noise=20.");
  }
  const unread = Object.keys(given.augment).filter((id) => id !== COPIES && !(id in augment));
  if (unread.length > 0) notes.push(`${method} does not read what ${unread.join(" and ")} would change.`);
  if (sampling === "balanced") {
    notes.push(
      "Epochs take all classes equally often" +
        (class_weights === "none" ? "." : `, and class_weights ${class_weights} weighs them once more.`),
    );
  }
  return notes;
}

/** Throws UndertoneError if an encoder, its scaling or the loss does not fit an augmentation. */
export function requireAugmentable(config: TrainConfig, trained: readonly Modality[]): void {
  const augmenting = augmentingBy(config.augment);
  const refuse = (id: string, expected: string, found: string, todo: string) => {
    throw badInput({ expected: `${expected} for --augment.${id}`, found, at: "the configuration", todo });
  };
  for (const [modality, kind] of [["text", "words"], ["audio", "waveform"]] as const) {
    const [first] = chosenOf(augmenting, kind);
    if (first && isStored(modality, config[modality])) {
      refuse(
        first.entry.id,
        `an encoder that computes the ${modality} states`,
        `'${config[modality]}', whose states are stored`,
        "Leave it out, or name another encoder.",
      );
    }
  }
  const [mask] = chosenOf(augmenting, "states");
  if (mask && trained.includes("audio")) {
    refuse(
      mask.entry.id,
      "a frozen speech encoder",
      "one that trains",
      "Leave it out: such an encoder masks by itself if its config.json says apply_spec_augment.",
    );
  }
  if (mask && normalizationOf(config, "audio").by === "none") {
    refuse(
      mask.entry.id,
      "scaled hidden states",
      "--normalize.audio=none, so that there is no mean to mask with",
      "Use --normalize.audio=train.",
    );
  }
  const [mixing] = chosenOf(augmenting, "pairs");
  if (mixing && config.focal_gamma > 0) {
    refuse(
      mixing.entry.id,
      "--focal-gamma 0",
      `${config.focal_gamma}, but a mixed row has no single true class`,
      "Leave one of the two out.",
    );
  }
}

/** Throws UndertoneError if sampling or mixing does not fit the kind of target. */
export function requireSampling({ sampling, augment }: TrainConfig, kind: TargetKind): void {
  const [mixing] = chosenOf(augmentingBy(augment), "pairs");
  if (mixing && kind === "values") {
    throw badInput({
      expected: `classes, distributions or labels for --augment.${mixing.entry.id}`,
      found: "continuous values, whose loss does not mix as they do,",
      at: "the data",
      todo: "Leave it out.",
    });
  }
  if (sampling === "balanced" && kind !== "class") {
    throw badInput({
      expected: "targets of the kind 'class' for --sampling balanced",
      found: `the kind '${kind}'`,
      at: "the data",
      todo: "Leave it out.",
    });
  }
}
