/** Loads the inputs of an encoder in groups, for one group to be loaded while another is encoded. */
import { type FrozenEncoder, SAMPLE_RATE } from "./encoder.ts";

/** A text or a clip to encode. */
export interface Input<In> {
  name: string;
  /** Hash of the content, if known: the key in the cache. */
  key?: string;
  /** Reads it. `isAhead` says whether something is encoded meanwhile. */
  load(isAhead: boolean): Promise<In>;
}

/** An input and what was read of it. */
export interface Loaded<In> {
  input: Input<In>;
  value: In;
}

/** Inputs that were loaded together. */
export interface Group<In> {
  loaded: Loaded<In>[];
  /** Why others could not be loaded, by name. */
  faults: [name: string, reason: string][];
  /** Samples or characters of all. */
  size: number;
  /** Whether no more inputs follow. */
  isLast: boolean;
}

/**
 * Samples of clips that are decoded before they are encoded, sorted by length, if clips of like length share
 * a pass: 5 minutes, 19 MB.
 */
export const AHEAD = 5 * 60 * SAMPLE_RATE;

/** Number of samples or characters. */
const sizeOf = (value: unknown): number => (value as { length?: number }).length ?? 0;

/**
 * Loads inputs, `batch` at a time, and yields them in groups: of one batch, or of about `AHEAD` samples if
 * inputs of like length share a pass of the encoder. Something is encoded while all but the first group load,
 * and while that loads, if `isAhead`. `onLoad` is called after each input.
 */
export async function* loadInputs<In>(
  inputs: readonly Input<In>[],
  encoder: Pick<FrozenEncoder<In>, "network">,
  batch: number,
  { isAhead, signal, onLoad }: { isAhead: boolean; signal?: AbortSignal; onLoad?: () => Promise<void> },
): AsyncGenerator<Group<In>, void> {
  const share = encoder.network?.preprocess.passOf !== undefined;
  let group = emptyGroup<In>();
  for (let first = 0; first < inputs.length; first += batch) {
    signal?.throwIfAborted();
    // In parallel: each video takes a process of its own.
    const results = await Promise.all(
      inputs.slice(first, first + batch).map(async (input) => {
        const result = await load(input, isAhead);
        await onLoad?.();
        return result;
      }),
    );
    for (const result of results) {
      if ("reason" in result) group.faults.push([result.input.name, result.reason]);
      else {
        group.loaded.push(result);
        group.size += sizeOf(result.value);
      }
    }
    group.isLast = first + batch >= inputs.length;
    if (share && group.size < AHEAD && !group.isLast) continue;
    if (share) group.loaded.sort((a, b) => sizeOf(a.value) - sizeOf(b.value));
    yield group;
    isAhead = true;
    group = emptyGroup();
  }
}

const emptyGroup = <In>(): Group<In> => ({ loaded: [], faults: [], size: 0, isLast: false });

async function load<In>(
  input: Input<In>,
  isAhead: boolean,
): Promise<Loaded<In> | { input: Input<In>; reason: string }> {
  try {
    return { input, value: await input.load(isAhead) };
  } catch (error) {
    return { input, reason: error instanceof Error ? error.message : String(error) };
  }
}
