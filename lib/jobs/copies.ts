/** Changed copies of training rows over frozen encoders: hidden states of seeded copies, from the cache. */
import {
  type Augmenting,
  augmentText,
  augmentWaveform,
  BEFORE_ENCODING,
  chosenOf,
  type Example,
  type Modality,
  type Sequence,
} from "../data/mod.ts";
import { encodeDataset, type EncodeOptions, fingerprint, networkOf, type Variant } from "../encoders/mod.ts";
import { asking, SMALLER_INPUTS } from "../explain.ts";
import type { RunPlan } from "../config/mod.ts";
import { MODALITIES, requireEditable } from "../model/mod.ts";
import { type Prepared, withNotes } from "./prepare.ts";

/**
 * Returns prepared data whose training rows have copies, for each modality that is changed before an encoder
 * that starts frozen. A copy follows from the input, the augmentations and its number alone, so that runs
 * with other seeds find it in the cache. Throws UndertoneError if an encoder does not fit an augmentation.
 */
export async function withCopies(
  prepared: Prepared,
  { config, encoders: planned, augmenting }: RunPlan,
  options: Pick<EncodeOptions, "signal" | "onProgress"> = {},
): Promise<Prepared> {
  const { dataset, encoders, examples, context } = prepared;
  const changed = MODALITIES.filter((modality) =>
    encoders[modality] && planned[modality] && chosenOf(augmenting, BEFORE_ENCODING[modality]).length > 0
  );
  for (const modality of changed) {
    const encoder = encoders[modality]!, { trains } = planned[modality]!;
    if (modality !== "text") continue;
    const { preprocess } = encoder.network ?? (trains ? networkOf(encoder as never) : {});
    requireEditable(augmenting, { id: encoder.id, preprocess }, { trains });
  }
  const frozen = changed.filter((modality) => planned[modality]!.startsFrozen);
  if (frozen.length === 0) return prepared;
  const read = Object.fromEntries(frozen.map((modality) => [modality, encoders[modality]]));
  const wanted = new Set(examples.train.map(({ id }) => id));
  const rows = dataset.rows.filter(({ id, split }) => split === "train" && wanted.has(id));
  const copies = new Map<string, Partial<Record<Modality, Sequence[]>>>();
  const failed: string[] = [], mask = encoders.text?.network?.preprocess.tokens?.mask?.text;
  for (let copy = 1; copy <= augmenting.copies; copy++) {
    const { text, audio, rejected, textOnly } = await asking(
      `encoding copies of ${config.data}`,
      SMALLER_INPUTS,
      () =>
        encodeDataset({ ...dataset, rows }, read, {
          ...options,
          cacheDir: config.cache,
          splits: ["train"],
          context: context && { ...context, among: dataset.rows },
          keepText: true,
          variant: variantOf(augmenting, copy, mask),
        }),
    );
    failed.push(...[...rejected, ...textOnly].map(({ id, reason }) => `${id}: ${reason}`));
    for (const { id } of rows) {
      const own = copies.get(id) ?? {};
      for (const [modality, states] of [["text", text?.get(id)], ["audio", audio?.get(id)]] as const) {
        if (states) (own[modality] ??= []).push(states);
      }
      copies.set(id, own);
    }
  }
  for (const modality of frozen) encoders[modality]?.release?.();
  const train = examples.train.map((example): Example => ({ ...example, copies: copies.get(example.id) }));
  const notes = failed.length === 0 ? [] : [
    `Augmented copies that can't be encoded: ${failed.length}, e.g. of ${failed[0]}`,
  ];
  return withNotes({ ...prepared, examples: { ...examples, train } }, notes);
}

/** Returns one copy's change of inputs. Its names hold everything that it depends on besides the input. */
export function variantOf(augmenting: Augmenting, copy: number, mask?: string): Variant {
  const nameOf = (modality: Modality) =>
    JSON.stringify([
      "augmented copy",
      copy,
      ...chosenOf(augmenting, BEFORE_ENCODING[modality]).map((
        { entry: { id, version = "1", apply }, range },
      ) => [
        id,
        version,
        fingerprint(String(apply)),
        ...range,
      ]),
    ]);
  return {
    name: { text: nameOf("text"), audio: nameOf("audio") },
    waveform: (samples, key) => augmentWaveform(augmenting, samples, ["copy", copy, key]),
    text: (text, key) => augmentText(augmenting, text, ["copy", copy, key], mask),
  };
}
