/**
 * Turns networks into encoders: frozen for the feature cache, or with parameters of their own for training.
 */
import { debug, debugLog } from "../compute/mod.ts";
import { afterUse } from "./after_use.ts";
import { encodeRows } from "./encode_rows.ts";
import type { FrozenEncoder, ModelEncoder, NetworkEncoder, Row, Weights } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { graphPasses, isOnHost, NoGraph } from "./frozen_graph/passes.ts";
import { paramsFrom, variablesOf } from "./params.ts";

/** Returns the network with parameters of its own, ready for training. */
export function modelEncoder<In>(network: NetworkEncoder<In>): ModelEncoder {
  const { weights, identity: _, formerly: __, ...parts } = network as NetworkEncoder<never>;
  return { ...parts, params: paramsFrom(weights) };
}

/** Number of states from which on a graph with constant weights pays: making it takes as long as it saves. */
const GRAPH_FROM = 4096;

/**
 * Returns a network as a frozen encoder. The first call of `encode` puts its weights on the engine. They stay
 * there until `release`, until another engine is in use, or until a graph holds them: on the engine `onnx` on
 * the CPU, a network with `recordedAt` computes by such a graph from its `graphFrom`th state on. Calls of
 * `encode` that run when `release` is called finish first.
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
 *     rowOf(text, limit = length) {
 *       return Array.from(text.slice(0, limit), (letter) => letter.charCodeAt(0) % 128);
 *     },
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
export function frozenEncoder<In>(
  network: NetworkEncoder<In>,
  { graphFrom = GRAPH_FROM } = {},
): FrozenEncoder<In> {
  const { id, modality, width, rate, notes, keepsEnd, piece, preprocess, weights, formerly } = network;
  const variables = variablesOf(weights), use = afterUse(variables.release);
  let graph = network.recordedAt && graphPasses(network);
  let met = 0; // states so far
  const byOperations = (rows: readonly Row[]) =>
    use.during(() => encodeRows({ ...network, params: variables.onEngine() }, rows));
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
    encode(batch) {
      const rows = batch.map((input) => preprocess.rowOf(input));
      met += rows.reduce((sum, row) => sum + preprocess.statesOf(row), 0);
      if (!graph || met < graphFrom || !isOnHost()) return byOperations(rows);
      use.release();
      return graph.encode(rows).catch((error) => {
        if (!(error instanceof NoGraph)) throw error;
        if (debug.graph) debugLog("graph", `${id}: ${error.message}`);
        graph = undefined;
        return byOperations(rows);
      });
    },
    release() {
      use.release();
      graph?.release();
    },
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
