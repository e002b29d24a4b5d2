import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import type { NetworkEncoder } from "../encoder.ts";
import type { Layer } from "./hidden_state.ts";

/** A model without its weights, and without what makes its inputs. */
export interface Model<Inputs extends NamedTensorMap> extends Pick<NetworkEncoder<never, Inputs>, "apply"> {
  family: { id: string };
  config: { hidden_size: number };
  /** The hidden states that `apply` gives: 0 are the embeddings, n those of layer n; or all of them, weighted. */
  layer: Layer;
}

/** Part of the fingerprint: raise it when the same files give other states. */
const VERSION = "1";

/** What the states of a model depend on beside its weights; `preprocessing` is whatever decides over rows, as text. */
export const identityOf = (
  { family, config, layer }: Pick<Model<never>, "family" | "config" | "layer">,
  preprocessing: string,
): string[] => [VERSION, family.id, JSON.stringify(config), `${layer}`, preprocessing];
