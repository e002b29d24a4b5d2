import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import type { NetworkEncoder } from "../encoder.ts";
import type { Layer } from "./hidden_state.ts";

/** A model without its weights and without its preprocessing. */
export interface Model<Inputs extends NamedTensorMap> extends Pick<NetworkEncoder<never, Inputs>, "apply"> {
  family: { id: string };
  config: { hidden_size: number };
  /**
   * The hidden states that `apply` returns: 0 for the embeddings, n for layer n, `all` for a weighted sum.
   */
  layer: Layer;
}

/** Part of the fingerprint: increase it when the same files give other states. */
const VERSION = "1";

/**
 * Returns everything besides the weights that a model's states depend on; `preprocessing` describes as text
 * how rows are made.
 */
export const identityOf = (
  { family, config, layer }: Pick<Model<never>, "family" | "config" | "layer">,
  preprocessing: string,
): string[] => [VERSION, family.id, JSON.stringify(config), `${layer}`, preprocessing];
