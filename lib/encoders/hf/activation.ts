/** Activation functions by their names in `config.json`. */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { gelu } from "../../compute/mod.ts";

/** Names of the exact GELU, and of its approximation by tanh. */
const EXACT = ["gelu", "gelu_python"] as const;
const BY_TANH = ["gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh"] as const;

/** An activation's name; default `gelu`. */
export const activation = z.enum([...EXACT, ...BY_TANH, "relu"]).default("gelu");

/** Applies the activation `name` to x. */
export function activate<T extends tf.Tensor>(name: z.infer<typeof activation>, x: T): T {
  if (name === "relu") return tf.relu(x);
  return gelu(x, (BY_TANH as readonly string[]).includes(name) ? "tanh" : "none");
}
