import { type RegisterOptions, registry } from "../registry.ts";
import { BUILT_IN } from "./built_in.ts";
import { checkMethod } from "./check_method.ts";
import type { FusionMethod } from "./fusion.ts";

/** Built-in methods keep their names, because a checkpoint that names one must mean the same everywhere. */
const methods = registry<FusionMethod>("a fusion method", {
  builtIn: BUILT_IN,
  aliases: { gmu: "gated_multimodal_unit", lmf: "low_rank_fusion" },
});

/** All fusion methods in table order: the built-in ones, then the registered ones. */
export const fusionMethods: readonly FusionMethod[] = methods.entries;

/**
 * Registers a fusion method and returns it; `method: "<id>"` then trains it everywhere. Throws bad input if
 * the record is not a valid method or if its id is taken. With `replace`, it replaces a registered method of
 * the same id (a notebook cell that runs again needs this), but never a built-in one.
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
 * Returns the method of this name or alias (`gmu`, `lmf`). If there is none, throws bad input that suggests
 * the nearest name; `at` is the place of the name, for the message.
 *
 * @example
 * ```ts
 * import { fusionMethod } from "@undertone/undertone";
 *
 * console.log(fusionMethod("memocmt").summary);
 * ```
 */
export const fusionMethod = (name: string, at = "--method"): FusionMethod => methods.get(name, at);
