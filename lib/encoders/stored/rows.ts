/** Which rows an encoder can read, and the stored states of rows. */
import { firstNotFinite } from "../../finite.ts";
import type { FrozenEncoder, Modality, Sequence } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import type { RowName } from "./keys.ts";

/** A row as encoders see it. */
export interface EncoderRow extends RowName {
  text?: string;
}

/** Rows whose states are read together. */
const TOGETHER = 64;

/**
 * Returns the ids of the rows that an encoder of this modality can read: those whose features are stored for
 * an encoder that reads stored features, else those with a text or a clip.
 */
export function readableRows(
  modality: Modality,
  encoder: Pick<FrozenEncoder<never>, "stored"> | undefined,
  rows: readonly EncoderRow[],
): ReadonlySet<string> {
  if (encoder?.stored) return new Set(encoder.stored.find(rows).keys.keys());
  return new Set(rows.flatMap((row) => row[modality] ? [row.id] : []));
}

/** Stored states by row id, and the reason for each row without. Rows of one key share a Sequence. */
export interface ReadStored {
  states: Map<string, Sequence>;
  faults: Map<string, string>;
}

/**
 * Reads the stored states of the rows in `wanted`, which are among `all` rows of the data set. Throws
 * UndertoneError if the files have changed.
 */
export async function readStored(
  { id, stored }: FrozenEncoder<never>,
  all: readonly EncoderRow[],
  wanted: readonly EncoderRow[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?(done: number, total: number): void } = {},
): Promise<ReadStored> {
  const { keys, faults } = stored!.find(all), read: ReadStored = { states: new Map(), faults: new Map() };
  const distinct = [...new Set(wanted.flatMap((row) => keys.get(row.id) ?? []))];
  const found = new Map<string, Sequence | string>();
  for (let first = 0; first < distinct.length; first += TOGETHER) {
    signal?.throwIfAborted();
    const chunk = distinct.slice(first, first + TOGETHER), sequences = await stored!.read(chunk);
    chunk.forEach((key, i) => found.set(key, finite(sequences[i], id)));
    onProgress?.(found.size, distinct.length);
  }
  for (const row of wanted) {
    const states = found.get(keys.get(row.id) ?? "");
    if (typeof states === "object") read.states.set(row.id, states);
    else read.faults.set(row.id, states ?? `${faults.get(row.id)} in ${stored!.path}`);
  }
  return read;
}

function finite(states: Sequence | string, id: string): Sequence | string {
  const place = typeof states === "string" ? -1 : firstNotFinite(states.data);
  if (place < 0 || typeof states === "string") return states;
  const state = Math.floor(place / states.width);
  return `hidden states not finite: ${states.data[place]} in state ${state} by ${id}`;
}

/** Returns a fingerprint of each row's stored states; null for a row without. */
export async function storedContent(
  encoder: FrozenEncoder<never>,
  all: readonly EncoderRow[],
  rows: readonly EncoderRow[],
  signal?: AbortSignal,
): Promise<(string | null)[]> {
  const { states } = await readStored(encoder, all, rows, { signal }), hashes = new Map<Sequence, string>();
  return rows.map(({ id }) => {
    const sequence = states.get(id);
    if (!sequence) return null;
    const { data, width } = sequence;
    if (!hashes.has(sequence)) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      hashes.set(sequence, fingerprint(`${width}`, bytes));
    }
    return hashes.get(sequence)!;
  });
}
