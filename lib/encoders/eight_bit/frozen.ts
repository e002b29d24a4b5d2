/** Networks as frozen encoders, with float32 or 8-bit weights. */
import type { FrozenEncoder, NetworkEncoder } from "../encoder.ts";
import { frozenEncoder } from "../network.ts";
import { eightBit } from "./eight_bit.ts";

/** What ends the name of an `hf:` encoder with 8-bit weights. */
export const EIGHT_BIT = "#q8";

/** Returns whether an encoder of this name has 8-bit weights, made of float32 ones at load. */
export const hasEightBits = (name: string): boolean => name.startsWith("hf:") && name.endsWith(EIGHT_BIT);

/** Returns a network as a frozen encoder, if `eight` with 8-bit weights and the name that says so. */
export const frozen = <In>(network: NetworkEncoder<In>, eight = false): FrozenEncoder<In> =>
  eight ? eightBit(named(network)) : frozenEncoder(network);

const named = <In>(network: NetworkEncoder<In>): NetworkEncoder<In> =>
  hasEightBits(network.id) ? network : { ...network, id: network.id + EIGHT_BIT };
