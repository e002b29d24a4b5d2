/** What the frozen lower part of an encoder that trains gives for the rows: computed once for all epochs. */
import { type Augmenting, BEFORE_ENCODING, chosenOf, type Example, type Unencoded } from "../data/mod.ts";
import { type EncodeProgress, lowerStates, type Modality } from "../encoders/mod.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";
import { everTrainable, type FreezePlan, underPrefix } from "../train/mod.ts";

/** The most bytes of states that a run adds to the cache: 45 hours of wav2vec2's frames. */
const MOST_BYTES = 2 ** 34;

/** The epoch that begins. */
interface Phase {
  plan: FreezePlan;
  /** Names of the parameters that train in it. */
  trained: readonly string[];
  epoch: number;
}

/** Returns the encoders that train in a phase, but whose lower part has never trained so far. */
export function cutIn({ params, modelEncoders }: Classifier, { plan, trained, epoch }: Phase): Modality[] {
  const ever = [...everTrainable(plan, Object.keys(params), epoch), ...trained];
  return MODALITIES.filter((modality) => {
    const { lower } = modelEncoders[modality] ?? {};
    return lower && trained.some((name) => underPrefix(name, modality)) &&
      !ever.some((name) => underPrefix(name, `${modality}.${lower.prefix}`));
  });
}

export interface LowerOptions extends Phase {
  augmenting: Augmenting;
  /** Folder of the feature cache. */
  cache: string;
  signal?: AbortSignal;
  onProgress?: (progress: EncodeProgress) => void;
}

/**
 * Returns the examples with the states of each encoder's lower part, where that is frozen. Training rows
 * whose input is changed in each epoch have none, nor have any rows if all are too large for the cache or
 * `signal` aborts.
 */
export async function withLowerStates<Row extends Example>(
  model: Classifier,
  given: Record<"train" | "dev", Row[]>,
  { augmenting, cache, signal, onProgress, ...phase }: LowerOptions,
): Promise<Record<"train" | "dev", Row[]>> {
  let examples = given;
  for (const modality of cutIn(model, phase)) {
    const { lower, ...encoder } = model.modelEncoders[modality]!;
    const changes = chosenOf(augmenting, BEFORE_ENCODING[modality]).length > 0;
    const rows = [...changes ? [] : examples.train, ...examples.dev];
    const all = [...new Set(rows.flatMap(({ raw }) => raw?.[modality] ?? []))];
    const statesIn = (sum: number, { row }: Unencoded) => sum + encoder.preprocess.statesOf(row);
    if (4 * lower!.width * all.reduce(statesIn, 0) > MOST_BYTES) continue;
    const options = { cacheDir: cache, signal, onProgress };
    const states = await lowerStates({ ...encoder, lower: lower! }, all.map(({ row }) => row), options)
      .catch((error) => {
        if (signal?.aborted) return [];
        throw error;
      });
    const known = new Map(all.map((raw, i) => [raw, { ...raw, lower: states[i] }]));
    const withStates = (row: Row): Row => {
      const raw = row.raw?.[modality];
      return raw && known.has(raw) ? { ...row, raw: { ...row.raw, [modality]: known.get(raw) } } : row;
    };
    examples = {
      train: changes ? examples.train : examples.train.map(withStates),
      dev: examples.dev.map(withStates),
    };
  }
  return examples;
}
