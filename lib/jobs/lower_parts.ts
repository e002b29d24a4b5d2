/** What the frozen lower part of an encoder that trains gives for the rows: computed once for all epochs. */
import { type Augmenting, BEFORE_ENCODING, chosenOf, type Example, type Unencoded } from "../data/mod.ts";
import { type EncodeProgress, type LowerPart, lowerStates, type Modality } from "../encoders/mod.ts";
import { freezePlan, type TargetedPlan } from "../config/mod.ts";
import { gigabytes } from "../fetch/mod.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";
import { everTrainable, type FreezePlan, trainable, underPrefix } from "../train/mod.ts";

/**
 * Most bytes of what a run keeps in the cache: 45 hours of wav2vec2. If it were more, each step computes it.
 */
const MOST_BYTES = 2 ** 34;

/** Fewest bytes that a note tells. */
const NOTED_BYTES = 10 ** 8;

type Splits<Row> = Record<"train" | "dev", readonly Row[]>;

/** The epoch that begins. */
interface Phase {
  plan: FreezePlan;
  /** Names of the parameters that train in it. */
  trained: readonly string[];
  epoch: number;
}

/** Returns the encoders that train in a phase, but whose lower part has never trained so far. */
function cutIn({ params, modelEncoders }: Classifier, { plan, trained, epoch }: Phase): Modality[] {
  const ever = [...everTrainable(plan, Object.keys(params), epoch), ...trained];
  return MODALITIES.filter((modality) => {
    const { lower } = modelEncoders[modality] ?? {};
    return lower && trained.some((name) => underPrefix(name, modality)) &&
      !ever.some((name) => underPrefix(name, `${modality}.${lower.prefix}`));
  });
}

/** Returns the lower part of an encoder, the distinct rows that it can read once, and the bytes it gives. */
function workOf(
  { modelEncoders }: Classifier,
  modality: Modality,
  { train, dev }: Splits<Example>,
  augmenting: Augmenting,
): { lower: LowerPart; rows: Unencoded[]; bytes: number } {
  const isChanged = chosenOf(augmenting, BEFORE_ENCODING[modality]).length > 0; // anew in each epoch
  const rows = [
    ...new Set([...isChanged ? [] : train, ...dev].flatMap(({ raw }) => raw?.[modality] ?? [])),
  ];
  const { lower, preprocess } = modelEncoders[modality]!;
  const states = rows.reduce((sum, { row }) => sum + preprocess.statesOf(row), 0);
  return { lower: lower!, rows, bytes: 4 * states * lower!.width };
}

/** Returns notes on what a run keeps in the cache, if it is large. */
export function lowerNotes(
  model: Classifier,
  examples: Splits<Example>,
  { config, phases, augmenting }: TargetedPlan,
): string[] {
  const names = Object.keys(model.params), plan = freezePlan(phases, config, names);
  const cut = Array.from(
    { length: config.epochs },
    (_, epoch) => cutIn(model, { plan, trained: trainable(plan, names, epoch), epoch }),
  );
  return [...new Set(cut.flat())].flatMap((modality) => {
    const { lower, bytes } = workOf(model, modality, examples, augmenting);
    if (bytes < NOTED_BYTES) return [];
    const what = `The output of ${modality}.${lower.prefix}, which is frozen,`, size = gigabytes(bytes);
    return bytes > MOST_BYTES
      ? [`${what} would take ${size} in the cache, so each step computes it.`]
      : [`${what} is computed once and kept in the cache: ${size}.`];
  });
}

/**
 * Returns the examples with what the lower part of each encoder gives, where that part is frozen. Training
 * rows whose input changes in each epoch stay as they are, and so do all if `signal` aborts.
 */
export async function withLowerStates<Row extends Example>(
  model: Classifier,
  examples: Splits<Row>,
  { augmenting, cache, signal, onProgress, ...phase }: Phase & {
    augmenting: Augmenting;
    /** Folder of the feature cache. */
    cache: string;
    signal?: AbortSignal;
    onProgress?: (progress: EncodeProgress) => void;
  },
): Promise<Splits<Row>> {
  const known = new Map<unknown, Unencoded>();
  for (const modality of cutIn(model, phase)) {
    const { lower, rows, bytes } = workOf(model, modality, examples, augmenting);
    if (bytes > MOST_BYTES) continue;
    const given = rows.map(({ row }) => row), options = { cacheDir: cache, signal, onProgress };
    try {
      const states = await lowerStates({ ...model.modelEncoders[modality]!, lower }, given, options);
      rows.forEach((raw, i) => known.set(raw, { ...raw, lower: states[i] }));
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }
  const withStates = (row: Row): Row => {
    const raw = { ...row.raw };
    for (const modality of MODALITIES) raw[modality] = known.get(raw[modality]) ?? raw[modality];
    return row.raw && known.size > 0 ? { ...row, raw } : row;
  };
  return { train: examples.train.map(withStates), dev: examples.dev.map(withStates) };
}
