/** Hidden states from the model's own encoders while they are frozen. */
import { type Augmenting, BEFORE_ENCODING, chosenOf, type Example } from "../data/mod.ts";
import { encodeRows, type Modality, type Sequence, unpacked } from "../encoders/mod.ts";
import { changedRaw, type Classifier, MODALITIES } from "../model/mod.ts";
import { everTrainable, type FreezePlan, underPrefix } from "../train/mod.ts";

/** Hidden states of an utterance by modality; absent if the encoder computes them in the step. */
type States = Pick<Example, Modality>;

/** The phase that begins. */
interface Phase {
  plan: FreezePlan;
  /** Names of the parameters that train in the phase. */
  trained: readonly string[];
  epoch: number;
}

/** Returns the encoders in the model that are frozen in a phase, and whether one has trained before. */
function frozenIn({ params, modelEncoders }: Classifier, { plan, trained, epoch }: Phase) {
  const before = everTrainable(plan, Object.keys(params), epoch);
  return {
    frozen: MODALITIES.filter((modality) =>
      modelEncoders[modality] && !trained.some((name) => underPrefix(name, modality))
    ),
    hasTrained: (modality: Modality) => before.some((name) => underPrefix(name, modality)),
  };
}

/** Rows encoded between two checks of the signal. */
const CHUNK = 32;

/**
 * Returns the hidden states of all examples for each encoder in the model that is frozen in this phase. If
 * the encoder has not trained yet, they are those of the examples. Otherwise the current encoder computes
 * them, and they stay in memory. Some are missing if `signal` aborts.
 */
export async function statesOfFrozen<Split extends string>(
  model: Classifier,
  examples: Record<Split, readonly Example[]>,
  { signal, ...phase }: Phase & { signal?: AbortSignal },
): Promise<Record<Split, States[]>> {
  const known = new Map<unknown, Sequence>();
  const { frozen, hasTrained } = frozenIn(model, phase);
  const splits = Object.entries(examples) as [Split, readonly Example[]][];
  for (const modality of frozen) {
    const all = splits.flatMap(([, rows]) => rows);
    if (!hasTrained(modality) && all.some((row) => row[modality])) {
      for (const row of all) if (row[modality]) known.set(row.raw![modality], row[modality]);
    } else {
      const distinct = [...new Set(all.flatMap(({ raw }) => raw?.[modality] ?? []))];
      for (let first = 0; first < distinct.length && !signal?.aborted; first += CHUNK) {
        const chunk = distinct.slice(first, first + CHUNK);
        const sequences = await encodeRows(
          model.modelEncoders[modality]!,
          chunk.map(({ row }) => unpacked(row)),
        );
        chunk.forEach((unencoded, i) => known.set(unencoded, sequences[i]));
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  }
  const statesOf = ({ raw }: Example): States =>
    Object.fromEntries(frozen.map((modality) => [modality, raw?.[modality] && known.get(raw[modality])]));
  return Object.fromEntries(splits.map(([split, rows]) => [split, rows.map(statesOf)])) as Record<
    Split,
    States[]
  >;
}

/**
 * Returns the hidden states of changed copies of training rows, for each encoder in the model that is frozen
 * in this phase: those of the examples until it has trained, and later ones that are computed once. Some are
 * missing if `signal` aborts.
 */
export async function copiesOfFrozen(
  model: Classifier,
  examples: readonly Example[],
  augmenting: Augmenting,
  { seed, signal, ...phase }: Phase & { seed: number; signal?: AbortSignal },
): Promise<Example["copies"][]> {
  const { frozen, hasTrained } = frozenIn(model, phase);
  const found = examples.map((): Partial<Record<Modality, Sequence[]>> => ({}));
  for (const modality of frozen) {
    if (chosenOf(augmenting, BEFORE_ENCODING[modality]).length === 0) continue;
    if (!hasTrained(modality)) {
      examples.forEach(({ copies }, i) => found[i][modality] = [...copies?.[modality] ?? []]);
      continue;
    }
    for (let copy = 1; copy <= augmenting.copies && !signal?.aborted; copy++) {
      const changed = examples.map((example): Example => {
        const raw = example.raw?.[modality], key = ["copy", copy, seed, example.id];
        return {
          id: example.id,
          raw: raw && { [modality]: changedRaw(model, augmenting, modality, raw, key) },
        };
      });
      const { copies } = await statesOfFrozen(model, { copies: changed }, { ...phase, signal });
      copies.forEach(({ [modality]: states }, i) => states && (found[i][modality] ??= []).push(states));
    }
  }
  return found.map((copies) => Object.keys(copies).length > 0 ? copies : undefined);
}
