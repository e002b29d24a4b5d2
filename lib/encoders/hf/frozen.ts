/** Models as they are now, for the feature cache. */
import { hostValues } from "../../compute/mod.ts";
import type { Params } from "../../nn/mod.ts";
import { fingerprint } from "../fingerprint.ts";
import type { Model } from "./model.ts";
import type { Weights } from "./weights.ts";

/** Part of the fingerprint: raise it when the same files give other states. */
const VERSION = "1";

/** A copy of parameters that outlives them, and the engine they are on. */
export async function snapshot(params: Params): Promise<Weights> {
  const weights: Weights = {};
  for (const name in params) {
    weights[name] = { shape: params[name].shape, data: (await hostValues(params[name])).slice() };
  }
  return weights;
}

/** Names what a model does to an input: its weights, configuration, preprocessing and choice of layer. */
export function fingerprintOf(
  { family, config, layer }: Pick<Model<never>, "family" | "config" | "layer">,
  weights: Weights,
  preprocessing: string,
): string {
  const parts: (string | Uint8Array)[] = [
    VERSION,
    family.id,
    JSON.stringify(config),
    `${layer}`,
    preprocessing,
  ];
  for (const [name, { data }] of Object.entries(weights)) {
    parts.push(name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return fingerprint(...parts);
}
