/** Gradients of a step as plain numbers, summed over its batches. */
import * as tf from "@tensorflow/tfjs-core";
import { capture, type Feed, type ForwardContext, type Params } from "../compute/mod.ts";

/** A batch as a step sees it. */
export interface Fed {
  inputs: Feed;
  /** What its loss counts in the mean. */
  weight: number;
}

/** Summed loss of a batch: of its inputs, the parameters and the context, and of nothing else that changes. */
export type LossOf = (inputs: Record<string, tf.Tensor>, context: ForwardContext) => tf.Scalar;

/** Sums over the rows of a step; divide by `weight` for means. */
export interface StepGradients {
  /** By parameter name; parameters that took no part are absent. Valid until the next step. */
  gradients: Map<string, Float32Array>;
  loss: number;
  weight: number;
}

export interface GradientStep {
  /** One batch after the other, so that only one forward pass is in memory; `contexts` has one for each. */
  run(batches: readonly Fed[], contexts: readonly ForwardContext[]): Promise<StepGradients>;
  dispose(): void;
}

const LOSS = "loss", GRADIENT = "gradient of ";

/**
 * Gradients of `loss` by the parameters `training`, written to the arrays `into` by their names. `params` are all that the
 * loss reads, frozen ones too.
 */
export function gradientStep(
  loss: LossOf,
  { params, training, into }: { params: Params; training: Params; into: Record<string, Float32Array> },
): GradientStep {
  const variables = Object.values(training);
  const captured = capture((inputs, context) => {
    const { value, grads } = tf.variableGrads(() => loss(inputs, context), variables);
    const outputs: tf.NamedTensorMap = { [LOSS]: value };
    for (const name in training) {
      const gradient = grads[training[name].name];
      if (gradient) outputs[GRADIENT + name] = gradient;
    }
    return outputs;
  }, params);
  const targets = Object.fromEntries(Object.entries(into).map(([name, array]) => [GRADIENT + name, array]));

  return {
    async run(batches, contexts) {
      const gradients = new Map<string, Float32Array>(), single = batches.length === 1;
      let sum = 0, weight = 0;
      for (const [i, batch] of batches.entries()) {
        const outputs = await captured.run(batch.inputs, contexts[i], single ? targets : {});
        sum += outputs[LOSS][0];
        weight += batch.weight;
        for (const name in training) {
          const values = outputs[GRADIENT + name];
          if (!values) continue;
          if (!single) accumulate(into[name], values, gradients.has(name));
          gradients.set(name, into[name]);
        }
      }
      return { gradients, loss: sum, weight };
    },
    dispose: captured.dispose,
  };
}

function accumulate(sum: Float32Array, values: Float32Array, begun: boolean): void {
  if (!begun) sum.set(values);
  else for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}
