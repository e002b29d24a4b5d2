/** What the frozen lower part of an encoder in a model gives for rows: computed once, and cached on disk. */
import { hostValues } from "../compute/mod.ts";
import { encodeInputs, type EncodeInputsOptions } from "./encode_inputs.ts";
import { encodeRows } from "./encode_rows.ts";
import type { FrozenEncoder, LowerPart, ModelEncoder, Row, Sequence, Weights } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { fingerprintOf } from "./network.ts";
import { unpacked } from "./unencoded.ts";

/** The parts of an encoder in a model that its lower part needs. */
type Cut = Pick<ModelEncoder, "id" | "modality" | "params" | "preprocess"> & { lower: LowerPart };

/**
 * Returns the states of the lower part for each row, by its current parameters. They stay in the feature
 * cache, under a fingerprint of their own, and each use reads them there; in memory if there is none. A row
 * is computed by itself, so its states are the same bits in every run. Undefined for a row whose states can't
 * be computed or are not finite. Rejects with the signal's reason.
 */
export async function lowerStates(
  encoder: Cut,
  rows: readonly Row[],
  options: EncodeInputsOptions = {},
): Promise<(Sequence | undefined)[]> {
  const keys = rows.map(keyOf), distinct = new Map(keys.map((key, i) => [key, rows[i]]));
  const inputs = [...distinct].map(([key, row]) => ({
    name: key,
    key,
    load: () => Promise.resolve(unpacked(row)),
  }));
  const { sequences } = await encodeInputs(await frozenPart(encoder), inputs, { left: 0 }, options);
  return keys.map((key) => sequences.get(key));
}

/** Returns the lower part as a frozen encoder of rows. */
async function frozenPart({ id, modality, params, preprocess, lower }: Cut): Promise<FrozenEncoder<Row>> {
  const weights: Weights = {};
  for (const [name, { shape }] of Object.entries(params)) {
    if (name.startsWith(`${lower.prefix}.`)) weights[name] = { shape, data: await hostValues(params[name]) };
  }
  const alone = { ...preprocess, batchSize: 1, passOf: undefined };
  return {
    id: `${id}-${lower.id}`,
    modality,
    width: lower.width,
    fingerprint: fingerprintOf(lower.identity, weights),
    encode: (rows) => encodeRows({ apply: lower.apply, params, preprocess: alone }, rows),
  };
}

/** Returns a hash of a row's numbers. */
function keyOf(row: Row): string {
  const numbers = ArrayBuffer.isView(row) ? row : Float64Array.from(row);
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return fingerprint(numbers.constructor.name, bytes);
}
