/** The option `normalize`: how each modality's hidden states are scaled. */
import {
  type ByGroup,
  type Modality,
  type Normalization,
  normalizationWords,
  readNormalization,
  wholeNormalization,
} from "../data/mod.ts";
import { badInput } from "../errors.ts";
import type { TrainConfig } from "./train.ts";

type Normalize = Pick<TrainConfig, "normalize">;

const valueFor = ({ normalize }: Normalize, modality: Modality): string =>
  (typeof normalize === "string" ? normalize : normalize[modality]) ?? "train";

/** Returns how a modality's hidden states are scaled. Default: by the train split. */
export const normalizationOf = ({ normalize }: Normalize, modality: Modality): Normalization =>
  readNormalization(valueFor({ normalize }, modality))!;

/** Returns the scaling of a modality by groups; undefined if it has none. */
export function groupingOf(config: Normalize, modality: Modality): ByGroup | undefined {
  const found = normalizationOf(config, modality);
  return "variant" in found ? found : undefined;
}

/** Returns the option with whole forms: `speaker:transductive` for `speaker`. */
export function wholeNormalize({ normalize }: Normalize): TrainConfig["normalize"] {
  if (typeof normalize === "string") return wholeNormalization(normalize);
  const { text = "train", audio = "train" } = normalize;
  return text === audio
    ? wholeNormalization(text)
    : { text: wholeNormalization(text), audio: wholeNormalization(audio) };
}

/**
 * Throws UndertoneError for a modality that is scaled by groups while its encoder trains: its hidden states
 * change with each step, so a group has no statistics.
 */
export function requireFrozen(config: Normalize, modality: Modality, trained: readonly Modality[]): void {
  const by = groupingOf(config, modality);
  if (by === undefined) return;
  const other = modality === "text" ? "audio" : "text";
  const kept = trained.includes(other) ? "train" : valueFor(config, other);
  throw badInput({
    expected: `a frozen ${modality} encoder for --normalize.${modality}=${by.by}`,
    found: "one that trains",
    at: "the configuration",
    todo: `Write --normalize.${other}=${kept} alone, or leave ${modality} out of --train and --freeze.`,
  });
}

/** Returns words for the scaling by groups, for tables and notes: "speech by speaker (causal)". */
export const groupingWords = (config: Normalize, modalities: readonly Modality[]): string =>
  modalities.flatMap((modality) => {
    const by = groupingOf(config, modality);
    return by ? [`${modality === "audio" ? "speech" : modality} ${normalizationWords(by)}`] : [];
  }).join(", ");
