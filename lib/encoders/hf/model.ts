import type { ForwardContext, Params } from "../../nn/mod.ts";
import type { EncoderOutput } from "../encoder.ts";
import type { Layer } from "./hidden_state.ts";

/** A model without what makes its inputs. */
export interface Model<Inputs> {
  family: { id: string };
  config: { hidden_size: number };
  params: Params;
  /** The hidden states that `apply` gives: 0 are the embeddings, n those of layer n; or all of them, weighted. */
  layer: Layer;
  apply(params: Params, inputs: Inputs, context: ForwardContext): EncoderOutput;
}
