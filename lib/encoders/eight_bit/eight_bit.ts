/** A network with 8-bit weights as a frozen encoder. */
import type { InferenceSession } from "onnxruntime-node";
import { currentEngine, type Feed } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import { encodeInPasses } from "../encode_rows.ts";
import type { FrozenEncoder, NetworkEncoder, Row } from "../encoder.ts";
import { fingerprintOf } from "../network.ts";
import { openSession } from "../onnx_session.ts";
import { byteGraph } from "./graph.ts";
import { requireExactBytes } from "./processor.ts";

/** Part of the fingerprint: increase it when the same network gives other states. */
const VERSION = "8 bits 1";

/** Most padded states of a pass. With more, what a layer computes no longer fits into a core's cache. */
const MOST_STATES = 256;

/**
 * Returns a network as a frozen encoder whose linear layers and convolutions multiply in 8 bits. Rows share a
 * pass if each has the padding that it has alone, and each row is scaled by itself, so that a row's states
 * follow from it alone. `encode` throws UndertoneError if the processor can't multiply bytes exactly.
 */
export function eightBit<In>(network: NetworkEncoder<In>): FrozenEncoder<In> {
  const { preprocess, windows, piece, weights, identity, formerly } = network;
  const sessions = new Map<string, InferenceSession>();
  const pass = async (feed: Feed) => {
    const { Tensor } = await import("onnxruntime-node");
    const given = Object.entries(feed).map(([name, { data, shape }]) => [
      name,
      data instanceof Int32Array ? new Tensor("int32", data, shape) : new Tensor("float32", data, shape),
    ]);
    const { states, states_mask } = await (await sessionFor(feed)).run(Object.fromEntries(given));
    const [, length, width] = states.dims;
    return { states: states.data as Float32Array, mask: states_mask.data as Float32Array, length, width };
  };
  /** The session for feeds with these inputs: windows of a long recording have more. */
  const sessionFor = async (feed: Feed): Promise<InferenceSession> => {
    const key = Object.keys(feed).sort().join();
    if (!sessions.has(key)) {
      requireCpu(network.id);
      await requireExactBytes(network.id);
      sessions.set(key, await openSession(byteGraph(network, feed), { spinning: true }));
    }
    return sessions.get(key)!;
  };
  const passOf = (row: Row) => {
    const { mask, ...others } = preprocess.pad([row]);
    const shapes = Object.values(others).map(({ shape }) => shape.join());
    const rows = Math.max(1, Math.floor(MOST_STATES / mask.shape[1]));
    return { key: shapes.join(";"), rows, whole: false };
  };
  return {
    id: network.id,
    modality: network.modality,
    width: network.width,
    rate: network.rate,
    notes: network.notes,
    keepsEnd: network.keepsEnd,
    piece,
    middle: network.middle,
    lengthOf: preprocess.lengthOf,
    tokensOf: preprocess.tokensOf && ((input) => preprocess.tokensOf!(input)),
    revised: preprocess.revised,
    fingerprint: fingerprintOf([...identity, VERSION], weights),
    formerly: formerly &&
      { fingerprint: fingerprintOf([...formerly.identity, VERSION], weights), did: formerly.did },
    encode: (batch) =>
      encodeInPasses(
        pass,
        { piece, windows, preprocess: { ...preprocess, passOf } },
        (name) => Promise.resolve(weights[name].data as Float32Array),
        batch.map((input) => preprocess.rowOf(input)),
      ),
    eightBit: true,
    network: { ...network, graphInputs: undefined }, // an exported file would hold the float32 weights
    release() {
      for (const session of sessions.values()) void session.release();
      sessions.clear();
    },
  };
}

/** Throws UndertoneError unless the engine is the one whose recordings become the graph. */
function requireCpu(id: string): void {
  const { name, device } = currentEngine();
  if (name === "onnx" && device === "cpu") return;
  throw badInput({
    expected: "the engine onnx on the CPU, where 8-bit weights are computed",
    found: `the engine ${name} on ${device}`,
    at: id,
    todo: "Choose --engine onnx --device cpu, or leave '#q8' out.",
  });
}
