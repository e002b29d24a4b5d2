/** A model and what makes its inputs, as an encoder: trainable, and frozen as it is now. */
import { disposeParams, type ForwardContext, type Params } from "../../compute/mod.ts";
import type { EncoderOutput, FrozenEncoder, Modality, TrainableEncoder } from "../encoder.ts";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import { encodeRows, fingerprintOf, snapshot } from "./frozen.ts";

/** A model without what makes its inputs. */
export interface Model<Inputs> {
  family: { id: string };
  config: { hidden_size: number };
  params: Params;
  /** The hidden states that `apply` gives: 0 are the embeddings, n those of layer n. */
  layer: number;
  apply(params: Params, inputs: Inputs, context: ForwardContext): EncoderOutput;
}

/** What an encoder is made of; a row is what one input becomes before rows are padded to a batch. */
export interface Parts<In, Row, Inputs extends NamedTensorMap> {
  id: string;
  modality: Modality;
  rate?: number;
  model: Model<Inputs>;
  /** Whatever decides over rows, as text. */
  preprocessing: string;
  rowOf(input: In): Row;
  /** Rows side by side, padded. */
  pad(rows: readonly Row[]): Inputs;
  /** Most rows of a forward pass of the frozen encoder. */
  rows: number;
}

/** The encoder of these parts. */
export function trainableEncoder<In, Row extends ArrayLike<number>, Inputs extends NamedTensorMap>(
  { id, modality, rate, model, preprocessing, rowOf, pad, rows }: Parts<In, Row, Inputs>,
): TrainableEncoder<In, Inputs> {
  const { params, apply } = model, common = { id, modality, rate, width: model.config.hidden_size };
  return {
    ...common,
    params,
    apply,
    prepare: (batch) => pad(batch.map(rowOf)),
    async frozen() {
      const weights = await snapshot(params);
      return {
        ...common,
        fingerprint: fingerprintOf(model, weights, preprocessing),
        encode: (batch) => encodeRows(apply, weights, batch.map(rowOf), pad, rows),
      };
    },
  };
}

/** The frozen encoder alone: the parameters are given back. */
export async function frozenAlone<In, Inputs extends NamedTensorMap>(
  encoder: TrainableEncoder<In, Inputs>,
): Promise<FrozenEncoder<In>> {
  const frozen = await encoder.frozen();
  disposeParams(encoder.params);
  return frozen;
}
