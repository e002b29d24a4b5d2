/**
 * Turns networks into encoders: frozen for the feature cache, or with parameters of their own for training.
 */
import * as tf from "@tensorflow/tfjs-core";
import { disposeParams, type Params } from "../nn/mod.ts";
import { encodeRows } from "./encode_rows.ts";
import type { FrozenEncoder, ModelEncoder, NetworkEncoder, Weights } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * Creates parameters from weights on the current engine. Engines in host memory share the arrays without a
 * copy.
 */
export function paramsFrom(weights: Weights): Params {
  const params: Params = {};
  for (const [name, { data, shape }] of Object.entries(weights)) {
    params[name] = tf.tidy(() => tf.variable(tf.tensor(data, shape)));
  }
  return params;
}

/** Returns the network with parameters of its own, ready for training. */
export function modelEncoder<In>(network: NetworkEncoder<In>): ModelEncoder {
  const { weights, identity: _, formerly: __, ...parts } = network as NetworkEncoder<never>;
  return { ...parts, params: paramsFrom(weights) };
}

/**
 * Returns a network as a frozen encoder. The first call of `encode` puts its weights on the engine. They stay
 * there until `release`, or until another engine is in use.
 *
 * @example
 * ```ts
 * import type * as tf from "@tensorflow/tfjs-core";
 * import { frozenEncoder, type NetworkEncoder } from "@undertone/undertone";
 * import { embedding } from "@undertone/undertone/nn";
 *
 * const length = 16;
 * const letters: NetworkEncoder<string> = {
 *   id: "letters",
 *   modality: "text",
 *   width: 2,
 *   weights: { "embedding.weight": { shape: [128, 2], data: new Float32Array(256).fill(0.5) } },
 *   files: {},
 *   identity: ["letters-1"], // change it whenever preprocessing or forward pass change
 *   preprocess: {
 *     rowOf: (text, limit = length) => Array.from(text.slice(0, limit), (letter) => letter.charCodeAt(0) % 128),
 *     statesOf: (row) => row.length,
 *     batchSize: 32,
 *     pad(rows) {
 *       const ids = new Int32Array(rows.length * length), mask = new Float32Array(ids.length);
 *       rows.forEach((row, b) => {
 *         ids.set(row, b * length);
 *         mask.fill(1, b * length, b * length + row.length);
 *       });
 *       const shape = [rows.length, length];
 *       return { ids: { data: ids, shape }, mask: { data: mask, shape } };
 *     },
 *   },
 *   apply: (params, { ids, mask }) => ({
 *     states: embedding(params["embedding.weight"], ids) as tf.Tensor3D,
 *     mask: mask as tf.Tensor2D,
 *   }),
 * };
 * const encoder = frozenEncoder(letters); // for `load` of a registered encoder; `restore` gives the network itself
 * ```
 */
export function frozenEncoder<In>(network: NetworkEncoder<In>): FrozenEncoder<In> {
  const { id, modality, width, rate, notes, keepsEnd, piece, preprocess, weights, formerly } = network;
  const variables = variablesOf(weights);
  return {
    id,
    modality,
    width,
    rate,
    notes,
    keepsEnd,
    piece,
    middle: network.middle,
    lengthOf: preprocess.lengthOf,
    tokensOf: preprocess.tokensOf && ((input) => preprocess.tokensOf!(input)),
    revised: preprocess.revised,
    fingerprint: fingerprintOf(network.identity, weights),
    formerly: formerly && { fingerprint: fingerprintOf(formerly.identity, weights), did: formerly.did },
    encode: (batch) =>
      encodeRows(
        { ...network, params: variables.onEngine() },
        batch.map((input) => preprocess.rowOf(input)),
      ),
    release: variables.release,
    network,
  };
}

/** Returns the fingerprint of a network: a hash of its identity and its weights. */
export function fingerprintOf(identity: readonly string[], weights: Weights): string {
  const parts: (string | Uint8Array)[] = [...identity];
  for (const [name, { data }] of Object.entries(weights)) {
    parts.push(name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return fingerprint(...parts);
}

/** Holds one set of variables for these weights on the current engine. */
function variablesOf(weights: Weights) {
  let made: { params: Params; backend: tf.KernelBackend } | undefined;
  const release = () => {
    if (made) disposeParams(made.params);
    made = undefined;
  };
  return {
    onEngine(): Params {
      if (made?.backend !== tf.backend()) {
        release();
        made = { params: paramsFrom(weights), backend: tf.backend() };
      }
      return made!.params;
    },
    release,
  };
}
