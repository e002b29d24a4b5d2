import { type RegisterOptions, registry } from "../registry.ts";
import { BUILT_IN } from "./built_in.ts";
import { checkMethod } from "./check_method.ts";
import type { FusionMethod } from "./fusion.ts";

/** Built-in methods keep their names: a checkpoint that names one must mean the same everywhere. */
const methods = registry<FusionMethod>("a fusion method", {
  builtIn: BUILT_IN,
  aliases: { gmu: "gated_multimodal_unit", lmf: "low_rank_fusion" },
});

/** Every fusion method, in the order of tables: the built-in ones, then those registered since. */
export const fusionMethods: readonly FusionMethod[] = methods.entries;

/**
 * Adds a fusion method, so that `method: "<id>"` trains it everywhere, and returns it. Throws bad input where the record is
 * not a method, or its id is taken; with `replace`, a method of your own gives way to the new one, as a notebook cell that
 * runs again needs.
 *
 * @example
 * ```ts
 * import { registerFusionMethod } from "@undertone/undertone";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { z } from "zod";
 * import { linearInit, linearLayer, maskedMean } from "@undertone/undertone/nn";
 *
 * registerFusionMethod({
 *   id: "difference",
 *   summary: "A linear layer on the mean text state, and one on the mean speech state, subtracted.",
 *   modalities: ["text", "audio"],
 *   options: z.strictObject({}),
 *   init: (_, { text, audio, classes }, seed) => ({
 *     ...linearInit(seed, "read", text, classes),
 *     ...linearInit(seed, "heard", audio, classes),
 *   }),
 *   apply(params, { text, textMask, audio, audioMask }) {
 *     const read = linearLayer(params, "read", maskedMean(text, textMask));
 *     const heard = linearLayer(params, "heard", maskedMean(audio, audioMask));
 *     return { logits: tf.sub(read, heard) };
 *   },
 * });
 * ```
 */
export function registerFusionMethod<Options extends Record<string, unknown>>(
  method: FusionMethod<Options>,
  options?: RegisterOptions,
): FusionMethod<Options> {
  checkMethod(method);
  methods.add(method, options);
  return method;
}

/**
 * The method of this name or alias (`gmu`, `lmf`). Throws bad input with the nearest name; `at` is where it was given.
 *
 * @example
 * ```ts
 * import { fusionMethod } from "@undertone/undertone";
 *
 * console.log(fusionMethod("memocmt").summary);
 * ```
 */
export const fusionMethod = (name: string, at = "--method"): FusionMethod => methods.get(name, at);
