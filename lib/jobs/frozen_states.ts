/** Hidden states from the model's own encoders while they are frozen. */
import type { Example } from "../data/mod.ts";
import { encodeRows, type Modality, type Sequence, unpacked } from "../encoders/mod.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";
import { everTrainable, type FreezePlan, underPrefix } from "../train/mod.ts";

/** Hidden states of an utterance by modality; absent if the encoder computes them in the step. */
type States = Pick<Example, Modality>;

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
  { plan, trained, epoch, signal }: {
    plan: FreezePlan;
    /** Names of the parameters that train in the phase. */
    trained: readonly string[];
    epoch: number;
    signal?: AbortSignal;
  },
): Promise<Record<Split, States[]>> {
  const before = everTrainable(plan, Object.keys(model.params), epoch);
  const known = new Map<unknown, Sequence>();
  const frozen = MODALITIES.filter((modality) =>
    model.modelEncoders[modality] && !trained.some((name) => underPrefix(name, modality))
  );
  const splits = Object.entries(examples) as [Split, readonly Example[]][];
  for (const modality of frozen) {
    const all = splits.flatMap(([, rows]) => rows),
      changed = before.some((name) => underPrefix(name, modality));
    if (!changed && all.some((row) => row[modality])) {
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
