/** The registry of augmentations: how training rows may be changed, one entry each. */
import { badInput } from "../../errors.ts";
import type { Random } from "../../random.ts";
import { type RegisterOptions, registry, requireParts } from "../../registry.ts";
import type { Modality, Sequence } from "../sequence.ts";
import { band } from "./band.ts";
import { gain } from "./gain.ts";
import { maskFrequency, maskTime } from "./masks.ts";
import { mixup } from "./mixup.ts";
import { modalityDropout } from "./modality_dropout.ts";
import { noise } from "./noise.ts";
import { speed } from "./speed.ts";
import { wordDropout, wordMasking } from "./words.ts";

/** The numbers of an augmentation from least to most: what `--augment.noise=[10,20]` says. */
export type AugmentRange = readonly [low: number, high: number];

/** What every augmentation says of itself. */
export interface AugmentationFacts {
  /** The name: `noise` for `--augment.noise`. */
  id: string;
  /** One line for `--help`, with the unit of its number. */
  summary: string;
  /** The least and the largest number that it takes. */
  limits: AugmentRange;
  /** Part of the key of cached copies: change it whenever `apply` does something else. Default "1". */
  version?: string;
  /** Returns the range that a single number stands for. Default: from the number to itself. */
  range?(value: number): AugmentRange;
}

/** Changes the samples of a clip: mono, 16 kHz. It returns new samples, also of another length. */
export interface WaveformAugmentation extends AugmentationFacts {
  /** What it changes. */
  acts: "waveform";
  /** Returns the changed samples. */
  apply(samples: Float32Array, range: AugmentRange, random: Random): Float32Array;
}

/** Changes the words of a text, or the token ids of a text whose encoder trains. */
export interface WordAugmentation extends AugmentationFacts {
  /** What it changes. */
  acts: "words";
  /** True if it needs a mask token, which not every text encoder has. */
  needsMask?: boolean;
  /** Returns as many words, in order; undefined removes one. `mask` is the encoder's mask token. */
  apply<Word extends string | number>(
    words: readonly Word[],
    range: AugmentRange,
    random: Random,
    mask?: Word,
  ): (Word | undefined)[];
}

/** Changes the scaled hidden states of a frozen speech encoder: 0 is the mean of the train split. */
export interface StateAugmentation extends AugmentationFacts {
  /** What it changes. */
  acts: "states";
  /** Returns a new sequence of the same shape. A state repeats frames of `frameWidth` values. */
  apply(states: Sequence, range: AugmentRange, random: Random, frameWidth: number): Sequence;
}

/** Takes modalities away from a row. */
export interface ModalityAugmentation extends AugmentationFacts {
  /** What it changes. */
  acts: "modalities";
  /** Returns those of the row's modalities that stay: at least one. */
  apply(present: readonly Modality[], range: AugmentRange, random: Random): readonly Modality[];
}

/** Mixes a row's hidden states and target with those of another training row. */
export interface MixAugmentation extends AugmentationFacts {
  /** What it changes. */
  acts: "pairs";
  /** Returns the share of the row's own states and target, 0 to 1. */
  weight(range: AugmentRange, random: Random): number;
}

/** One way to change training rows. */
export type Augmentation =
  | WaveformAugmentation
  | WordAugmentation
  | StateAugmentation
  | ModalityAugmentation
  | MixAugmentation;

/** In the order in which they are applied. Noise is last, so that its level holds for what is heard. */
const entries = registry<Augmentation>("an augmentation", {
  builtIn: [
    speed,
    band,
    gain,
    noise,
    wordDropout,
    wordMasking,
    maskTime,
    maskFrequency,
    modalityDropout,
    mixup,
  ],
});

/** The option beside them that is no augmentation. */
export const COPIES = "copies";

/**
 * Registers an augmentation for `--augment.<id>`. It is applied to training rows, after those that were
 * registered before. All randomness must come from `random`. Throws UndertoneError if its id is taken or a
 * part is missing.
 *
 * @example
 * ```ts
 * import { registerAugmentation } from "@undertone/undertone";
 *
 * registerAugmentation({
 *   id: "hush",
 *   summary: "silences a tenth of the clip, N times",
 *   acts: "waveform",
 *   limits: [1, 10],
 *   apply(samples, [times], random) {
 *     const changed = samples.slice(), length = Math.floor(samples.length / 10);
 *     for (let i = 0; i < times; i++) {
 *       const start = random.integer(samples.length - length + 1);
 *       changed.fill(0, start, start + length);
 *     }
 *     return changed;
 *   },
 * });
 * ```
 */
export function registerAugmentation(augmentation: Augmentation, options?: RegisterOptions): void {
  const { acts } = augmentation, does = acts === "pairs" ? "weight" : "apply";
  requireParts("an augmentation", augmentation as Augmentation & Record<typeof does, unknown>, [
    "summary",
    "acts",
    "limits",
    does,
  ]);
  if (augmentation.id === COPIES) {
    throw badInput({
      expected: "an augmentation with an id of its own",
      found: `'${COPIES}', which is the number of copies`,
      at: "its registration",
      todo: "Choose another id.",
    });
  }
  entries.add(augmentation, options);
}

/** Returns every augmentation, in the order in which they are applied. */
export const allAugmentations = (): Augmentation[] => entries.all();

/** Returns the augmentation of this name. Throws bad input with the nearest name if there is none. */
export const augmentationNamed = (id: string, at: string): Augmentation => entries.get(id, at);
