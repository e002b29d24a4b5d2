/** A model and what makes its inputs, as an encoder: trainable, and frozen as it is now. */
import { disposeParams } from "../../nn/mod.ts";
import type { FrozenEncoder, TrainableEncoder } from "../encoder.ts";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import { encodeRows, tensorsOf } from "../encode_rows.ts";
import { fingerprintOf, snapshot } from "./frozen.ts";
import type { Model } from "./model.ts";
import { paramsFrom } from "./weights.ts";

/** What an encoder is made of. */
export interface Parts<In, Inputs extends NamedTensorMap> extends
  Pick<
    TrainableEncoder<In, Inputs>,
    "id" | "modality" | "rate" | "notes" | "files" | "rowOf" | "statesOf" | "pad" | "together"
  > {
  model: Model<Inputs>;
  /** Whatever decides over rows, as text. */
  preprocessing: string;
}

/** The encoder of these parts. */
export function trainableEncoder<In, Inputs extends NamedTensorMap>(
  { model, preprocessing, ...parts }: Parts<In, Inputs>,
): TrainableEncoder<In, Inputs> {
  const { params, apply } = model, { id, modality, rate, notes, rowOf, pad, together } = parts;
  const width = model.config.hidden_size;
  return {
    ...parts,
    width,
    params,
    apply,
    prepare: (batch) => tensorsOf(pad(batch.map((input) => rowOf(input)))),
    async frozen() {
      const weights = await snapshot(params);
      return {
        id,
        modality,
        rate,
        notes,
        width,
        fingerprint: fingerprintOf(model, weights, preprocessing),
        async encode(batch) {
          const params = paramsFrom(weights);
          try {
            return await encodeRows({ apply, params, pad, together }, batch.map((input) => rowOf(input)));
          } finally {
            disposeParams(params);
          }
        },
        thaw: () =>
          trainableEncoder({ model: { ...model, params: paramsFrom(weights) }, preprocessing, ...parts }),
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
