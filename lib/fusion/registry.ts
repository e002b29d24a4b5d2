import { badInput, nearest } from "../errors.ts";
import { checkMethod } from "./check_method.ts";
import type { FusionMethod } from "./fusion.ts";

const methods: FusionMethod[] = [];

/** Every fusion method, in the order of tables: the built-in ones, then those registered since. */
export const fusionMethods: readonly FusionMethod[] = methods;

const ALIASES: Record<string, string> = { gmu: "gated_multimodal_unit", lmf: "low_rank_fusion" };

/** Built-in methods, which keep their names: a checkpoint that names one must mean the same everywhere. */
const builtIn = new Set<string>();

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
 *     ...linearInit(seed, "text", text, classes),
 *     ...linearInit(seed, "audio", audio, classes),
 *   }),
 *   apply(params, { text, textMask, audio, audioMask }) {
 *     const read = linearLayer(params, "text", maskedMean(text, textMask));
 *     const heard = linearLayer(params, "audio", maskedMean(audio, audioMask));
 *     return { logits: tf.sub(read, heard) };
 *   },
 * });
 * ```
 */
export function registerFusionMethod<Options extends Record<string, unknown>>(
  method: FusionMethod<Options>,
  { replace = false }: { replace?: boolean } = {},
): FusionMethod<Options> {
  checkMethod(method);
  const { id } = method, place = methods.findIndex((known) => known.id === id);
  const fixed = builtIn.has(id) || Object.hasOwn(ALIASES, id);
  if (place >= 0 && replace && !fixed) methods[place] = method;
  else if (place >= 0 || fixed) throw taken(id, fixed);
  else methods.push(method);
  return method;
}

const taken = (id: string, fixed: boolean) =>
  badInput({
    expected: "an id that no fusion method has",
    found: `'${id}', which ${fixed ? "is built in" : "is registered already"}`,
    at: "registerFusionMethod",
    todo: fixed ? "Choose another id." : "Choose another id, or pass { replace: true } to take its place.",
  });

/** Registers the methods that Undertone brings. */
export function registerBuiltIn(all: readonly FusionMethod[]): void {
  for (const method of all) builtIn.add(registerFusionMethod(method).id);
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
export function fusionMethod(name: string, at = "--method"): FusionMethod {
  const id = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  const method = methods.find((m) => m.id === id);
  if (method) return method;
  const ids = methods.map((m) => m.id), meant = nearest(name, [...ids, ...Object.keys(ALIASES)]);
  throw badInput({
    expected: "a fusion method",
    found: `'${name}'`,
    at,
    todo: meant ? `Did you mean ${meant}?` : `Known are ${ids.join(", ")}.`,
  });
}
