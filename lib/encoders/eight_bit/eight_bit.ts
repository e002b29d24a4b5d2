/** A network with 8-bit weights as a frozen encoder. */
import { currentEngine } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import type { FrozenEncoder, NetworkEncoder } from "../encoder.ts";
import { withFusedProducts, type Writing } from "../frozen_graph/graph.ts";
import { graphPasses, isOnHost, NoGraph } from "../frozen_graph/passes.ts";
import { fingerprintOf } from "../network.ts";
import { byteConvolutions } from "./convolutions.ts";
import { exactWeightBytes } from "./processor.ts";
import { byteProducts, BYTES_OPSET } from "./products.ts";
import { byteMatrix, type WeightBytes } from "./quantise.ts";

/** Part of the fingerprint: increase it when the same network gives other states. */
const VERSION = "8 bits 1";

/**
 * Returns how one graph of a network is written: linear layers and convolutions multiply in 8 bits, and all
 * else is float32.
 */
export function inBytes({ weights }: Pick<NetworkEncoder<never>, "weights">, type: WeightBytes): Writing {
  const products = byteProducts((name) => byteMatrix(weights[name].data, weights[name].shape, type));
  const convolutions = byteConvolutions((name) => weights[name], type);
  return {
    rewrite: (...node) => products(...node) ?? convolutions(...node) ?? withFusedProducts(...node),
    opset: BYTES_OPSET,
  };
}

/**
 * Returns a network as a frozen encoder whose linear layers and convolutions multiply in 8 bits. Rows share a
 * pass if each has the padding that it has alone, and each row is scaled by itself, so that a row's states
 * follow from it alone. `encode` throws UndertoneError if the processor can't multiply bytes exactly.
 */
export function eightBit<In>(network: NetworkEncoder<In>): FrozenEncoder<In> {
  const { preprocess, piece, weights, identity, formerly } = network;
  let type: WeightBytes = "int8";
  const passes = graphPasses(network, {
    writing: () => inBytes(network, type),
    keyOf: ({ mask: _, ...others }) => Object.values(others).map(({ shape }) => shape.join()).join(";"),
  });
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
    async encode(batch) {
      if (batch.length === 0) return [];
      requireCpu(network.id);
      type = await exactWeightBytes(network.id);
      try {
        return await passes.encode(batch.map((input) => preprocess.rowOf(input)));
      } catch (error) {
        throw error instanceof NoGraph ? error.cause : error;
      }
    },
    eightBit: true,
    network: { ...network, graphInputs: undefined }, // an exported file would hold the float32 weights
    release: passes.release,
  };
}

/** Throws UndertoneError unless the engine is the one whose recordings become the graph. */
function requireCpu(id: string): void {
  if (isOnHost()) return;
  const { name, device } = currentEngine();
  throw badInput({
    expected: "the engine onnx on the CPU, where 8-bit weights are computed",
    found: `the engine ${name} on ${device}`,
    at: id,
    todo: "Choose --engine onnx --device cpu, or leave '#q8' out.",
  });
}
