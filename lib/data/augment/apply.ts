/** Applies the chosen augmentations. Each draws from a stream of its own, so that none disturbs another. */
import { badInput, UndertoneError } from "../../errors.ts";
import { type Random, random, seedOf } from "../../random.ts";
import type { Modality, Sequence } from "../sequence.ts";
import {
  allAugmentations,
  type Augmentation,
  augmentationNamed,
  type AugmentRange,
  COPIES,
} from "./augmentation.ts";

/** The option `augment` as it is written: a number, or a range, by the name of an augmentation. */
export type AugmentOption = Readonly<Record<string, number | readonly [number, number]>>;

/** An augmentation with the range that was chosen. */
export interface Chosen {
  entry: Augmentation;
  range: AugmentRange;
}

/** What is done to training rows. */
export interface Augmenting {
  /**
   * Number of changed copies per text and clip over a frozen encoder. A row is unchanged once in copies + 1.
   */
  copies: number;
  /** In the order in which they are applied. */
  chosen: readonly Chosen[];
}

const DEFAULT_COPIES = 3, MOST_COPIES = 100;

/** Reads the option. Throws UndertoneError for an unknown name or a number out of range. */
export function augmentingBy(option: AugmentOption): Augmenting {
  const { [COPIES]: copies = DEFAULT_COPIES, ...others } = option, at = `--augment.${COPIES}`;
  if (typeof copies !== "number" || !Number.isInteger(copies) || copies < 1 || copies > MOST_COPIES) {
    throw badInput({
      expected: `a whole number from 1 to ${MOST_COPIES}`,
      found: JSON.stringify(copies),
      at,
      todo: "Change the value.",
    });
  }
  const ranges = new Map(
    Object.entries(others).map(([id, value]) => [augmentationNamed(id, "--augment").id, rangeOf(id, value)]),
  );
  const chosen = allAugmentations().flatMap((entry) => {
    const range = ranges.get(entry.id);
    return range ? [{ entry, range }] : [];
  });
  return { copies, chosen };
}

function rangeOf(id: string, value: number | readonly [number, number]): AugmentRange {
  const { range, limits: [least, most] } = augmentationNamed(id, "--augment");
  const [low, high] = typeof value === "number" ? range?.(value) ?? [value, value] : value;
  if (least <= low && low <= high && high <= most) return [low, high];
  throw badInput({
    expected: `a number, or [low,high] with the lower first, within ${least} and ${most}`,
    found: JSON.stringify(value) +
      (typeof value === "number" && range ? `, which means ${low} to ${high}` : ""),
    at: `--augment.${id}`,
    todo: "Change the value.",
  });
}

/** What names a draw: seed, epoch, row and so on. Equal keys give equal draws. */
export type DrawKey = readonly (number | string)[];

/** Returns the stream of one augmentation for one draw. */
export const streamOf = (id: string, key: DrawKey): Random => random(seedOf("augment", id, ...key));

type Acts = Augmentation["acts"];

/** Returns the chosen augmentations of one kind. */
export const chosenOf = <A extends Acts>({ chosen }: Augmenting, acts: A) =>
  chosen.filter(({ entry }) => entry.acts === acts) as {
    entry: Extract<Augmentation, { acts: A }>;
    range: AugmentRange;
  }[];

/** What is changed of each modality before its encoder. */
export const BEFORE_ENCODING = { text: "words", audio: "waveform" } as const satisfies Record<Modality, Acts>;

/** Returns samples as the augmentations change them. */
export const augmentWaveform = (augmenting: Augmenting, samples: Float32Array, key: DrawKey): Float32Array =>
  chosenOf(augmenting, "waveform").reduce(
    (changed, { entry, range }) => entry.apply(changed, range, streamOf(entry.id, key)),
    samples,
  );

/** Returns words, or token ids, as the augmentations change them. */
export function augmentWords<Word extends string | number>(
  augmenting: Augmenting,
  words: readonly Word[],
  key: DrawKey,
  mask?: Word,
): (Word | undefined)[] {
  let kept: (Word | undefined)[] = [...words];
  for (const { entry, range } of chosenOf(augmenting, "words")) {
    const places = [...kept.keys()].filter((i) => kept[i] !== undefined);
    const changed = entry.apply(places.map((i) => kept[i]!), range, streamOf(entry.id, key), mask);
    if (changed.length !== places.length) {
      throw new UndertoneError(
        `The augmentation '${entry.id}' returned ${changed.length} words for ${places.length}.`,
        "input",
      );
    }
    kept = [...kept];
    places.forEach((place, i) => kept[place] = changed[i]);
  }
  return kept;
}

const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** Returns a text whose words the augmentations change. Signs between words stay; spaces are joined. */
export function augmentText(augmenting: Augmenting, text: string, key: DrawKey, mask?: string): string {
  const segments = [...segmenter.segment(text)];
  const words = segments.flatMap(({ segment, isWordLike }) => isWordLike ? segment : []);
  if (words.length === 0) return text;
  const changed = augmentWords(augmenting, words, key, mask);
  let next = 0;
  const whole = segments.map(({ segment, isWordLike }) => isWordLike ? changed[next++] ?? "" : segment).join(
    "",
  );
  return whole.replaceAll(/\s+/g, " ").trim();
}

/** Returns the scaled states of a clip as the augmentations change them. */
export const augmentStates = (
  augmenting: Augmenting,
  states: Sequence,
  key: DrawKey,
  frameWidth = states.width,
): Sequence =>
  chosenOf(augmenting, "states").reduce(
    (changed, { entry, range }) => entry.apply(changed, range, streamOf(entry.id, key), frameWidth),
    states,
  );

/** Returns the modalities that a row keeps. */
export const keptModalities = (
  augmenting: Augmenting,
  present: readonly Modality[],
  key: DrawKey,
): readonly Modality[] =>
  chosenOf(augmenting, "modalities").reduce((kept, { entry, range }) => {
    const left = entry.apply(kept, range, streamOf(entry.id, key));
    return left.length > 0 ? left : kept;
  }, present);

/** Returns the share of a row's own states and target; undefined if rows are not mixed. */
export function mixWeight(augmenting: Augmenting, key: DrawKey): number | undefined {
  const [mixing] = chosenOf(augmenting, "pairs");
  return mixing?.entry.weight(mixing.range, streamOf(mixing.entry.id, key));
}
