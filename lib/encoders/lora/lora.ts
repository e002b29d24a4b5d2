/** LoRA: low-rank changes of an encoder's linear layers (Hu et al. 2021), as additional parameters. */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Params } from "../../nn/mod.ts";
import { badInput } from "../../errors.ts";
import { random, seedOf } from "../../random.ts";
import type { ModelEncoder } from "../encoder.ts";
import { isLinear } from "./tensors.ts";

/** The options, named as in peft but without the prefix `lora_`. */
export const loraOptions = z.strictObject({
  r: z.int().min(1).default(8).describe("Rank."),
  alpha: z.number().positive().default(16).describe("Changes are multiplied by alpha / r."),
  dropout: z.number().min(0).lt(1).default(0).describe("Dropout on the input of a change."),
  targets: z.array(z.string()).min(1).default(["query", "value", "q_lin", "v_lin", "q_proj", "v_proj"])
    .describe("Linear layers to change, by the end of their names."),
});

/** Options of LoRA: which linear layers are changed, and how. */
export interface LoraOptions {
  /** Rank. */
  r: number;
  /** Changes are multiplied by alpha / r. */
  alpha: number;
  /** Rate of dropout on the input of a change, 0 to 1. */
  dropout: number;
  /** Linear layers to change, by the end of their names. */
  targets: string[];
}

/** Suffixes of the names of a change's two matrices, `A [r,in]` and `B [out,r]`. */
export const [DOWN, UP] = [".lora_A.weight", ".lora_B.weight"] as const;

/** Whether a parameter is a LoRA matrix. */
export const isLora = (name: string): boolean => name.endsWith(DOWN) || name.endsWith(UP);

/** Whether a parameter of an encoder can train beside LoRA: its matrices, and the weights of its layers. */
export const trainsWithLora = (name: string): boolean => isLora(name) || name.endsWith(".layer_weights");

/**
 * Returns the encoder with changes that have no effect yet: A is drawn like the weights of `nn.Linear`,
 * uniform within ±1/√in, and B is 0. Throws UndertoneError if no target is a linear layer of the encoder.
 */
export function withLora(encoder: ModelEncoder, options: LoraOptions, seed: number): ModelEncoder {
  const changes: Params = {};
  for (const layer of targetLayers(encoder, options)) {
    const [outputs, inputs] = encoder.params[`${layer}.weight`].shape, { r } = options;
    const { uniform } = random(seedOf(seed, encoder.modality, layer + DOWN)), bound = 1 / Math.sqrt(inputs);
    const down = Float32Array.from({ length: r * inputs }, () => (2 * uniform() - 1) * bound);
    changes[layer + DOWN] = tf.tidy(() => tf.variable(tf.tensor(down, [r, inputs])));
    changes[layer + UP] = tf.tidy(() => tf.variable(tf.zeros([outputs, r])));
  }
  const lora = { scale: options.alpha / options.r, dropout: options.dropout };
  return {
    ...encoder,
    params: { ...encoder.params, ...changes },
    apply: (params, inputs, context) => encoder.apply(params, inputs, { ...context, lora }),
  };
}

/** Returns the linear layers whose names are a target or end in one. */
function targetLayers({ id, params }: ModelEncoder, { targets }: LoraOptions): string[] {
  const layers = Object.keys(params).filter((name) => name.endsWith(".weight"))
    .map((name) => name.slice(0, -".weight".length))
    .filter((name) => isLinear(name, params));
  const chosen = layers.filter((layer) => targets.some((target) => `.${layer}`.endsWith(`.${target}`)));
  if (chosen.length > 0) return chosen;
  const ends = [...new Set(layers.map((layer) => layer.split(".").at(-1)))];
  throw badInput({
    expected: `linear layers of ${id} (${ends.join(", ")})`,
    found: targets.join(", "),
    at: "the targets of lora",
    todo: "Name at least one of these.",
  });
}
