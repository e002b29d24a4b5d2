/** Activations under the names that `config.json` has for them. */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { gelu } from "../../compute/mod.ts";

/** The exact one, and its approximation by tanh, each known by several names. */
const EXACT = ["gelu", "gelu_python"] as const;
const BY_TANH = ["gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh"] as const;

/** An activation's name, `gelu` where there is none. */
export const activation = z.enum([...EXACT, ...BY_TANH, "relu"]).default("gelu");

/** The activation `name` of x. */
export function activate<T extends tf.Tensor>(name: z.infer<typeof activation>, x: T): T {
  if (name === "relu") return tf.relu(x);
  return gelu(x, (BY_TANH as readonly string[]).includes(name) ? "tanh" : "none");
}
