/** Reads peft's `adapter_config.json`. Every key is followed, known to change no state, or refused. */
import { z } from "zod";
import { badInput, type UndertoneError } from "../../errors.ts";
import { isMoved, UNMOVED } from "./residual.ts";

/** The file beside an adapter's tensors. */
export const CONFIG = "adapter_config.json";

/** Advice for adapters that peft can merge and this reader does not support. */
export const MERGE =
  "Merge it into its model with peft (merge_and_unload), save that model, and use its folder.";

const names = z.array(z.string());
const flag = z.boolean().nullish().transform((on) => on ?? false);
const pattern = z.record(z.string(), z.number()).nullish().transform((entries) => entries ?? {});

/**
 * The keys that determine weights. Absent keys have peft's defaults, because files may be older than the
 * keys.
 */
const followed = z.object({
  base_model_name_or_path: z.string().min(1),
  revision: z.string().nullish(),
  r: z.int().min(1),
  lora_alpha: z.number(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([names, z.string()]),
  exclude_modules: z.union([names, z.string()]).nullish().transform((excluded) => excluded ?? []),
  layers_to_transform: z.union([z.array(z.int()), z.int()]).nullish(),
  layers_pattern: z.union([names, z.string()]).nullish().transform((layers) => [layers ?? []].flat()),
  rank_pattern: pattern,
  alpha_pattern: pattern,
  modules_to_save: names.nullish().transform((saved) => saved ?? []),
  bias: z.enum(["none", "all", "lora_only"]).default("none"),
  lora_bias: flag,
  use_dora: flag,
  use_rslora: flag,
  fan_in_fan_out: flag,
  init_lora_weights: z.union([z.boolean(), z.string()]).default(true),
  peft_version: z.string().nullish(),
});

export type AdapterConfig = z.infer<typeof followed>;

/** Keys that change no hidden state of a trained adapter. */
const INERT = new Set([
  "auto_mapping",
  "corda_config", // the data of an initialisation that init_lora_weights names
  "ensure_weight_tying",
  "ephemeral_gpu_offload",
  "eva_config",
  "inference_mode",
  "loftq_config",
  "megatron_core",
  "peft_type",
  "qalora_group_size",
  "runtime_config",
  "task_type",
]);

/**
 * Initialisations of A and B that leave the model's own weights unchanged. They don't matter once A and B are
 * read.
 */
const STARTS = ["true", "false", "gaussian", "eva", "orthogonal"];

/** Kinds of peft adapters that change no weight. */
const PROMPTS = ["PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "ADAPTION_PROMPT"];

/**
 * Returns the configuration in `json`; `at` is its file. Throws UndertoneError that names what is not
 * supported.
 */
export function adapterConfig(json: unknown, at: string): AdapterConfig {
  const keys = z.record(z.string(), z.unknown()).safeParse(json);
  if (!keys.success) throw damaged("something else", at);
  const kind = keys.data.peft_type;
  if (kind !== "LORA") {
    throw badInput({
      expected: "an adapter of the kind LORA",
      found: kind === undefined
        ? "no peft_type"
        : `peft_type ${JSON.stringify(kind)}, which is not supported`,
      at,
      todo: PROMPTS.includes(`${kind}`)
        ? "Such an adapter changes no weight and can't be merged: choose another one."
        : MERGE,
    });
  }
  const result = followed.safeParse(json);
  if (!result.success) {
    const [key] = result.error.issues[0].path;
    throw damaged(`${String(key)} ${JSON.stringify(keys.data[String(key)]) ?? "missing"}`, at);
  }
  for (const [key, value] of Object.entries(keys.data)) {
    if (key in followed.shape || INERT.has(key) || isEmpty(value)) continue;
    throw unsupported(`${key} ${JSON.stringify(value)}`, at);
  }
  requireStart(result.data, at);
  return result.data;
}

/** Throws UndertoneError for an initialisation that changed the model's weights irreproducibly. */
function requireStart({ init_lora_weights, use_dora, lora_bias }: AdapterConfig, at: string): void {
  const start = startOf(init_lora_weights);
  if (start.startsWith("pissa_niter_")) {
    throw badInput({
      expected: "weights that can be reproduced",
      found: `init_lora_weights "${start}", which took a random part out of the model's own`,
      at,
      todo: UNMOVED,
    });
  }
  if (!STARTS.includes(start) && !isMoved(start)) {
    throw unsupported(`init_lora_weights ${JSON.stringify(init_lora_weights)}`, at);
  }
  if (lora_bias && use_dora) throw unsupported("lora_bias together with use_dora", at);
}

/** Returns the initialisation of A and B in lower case, as peft compares it. */
export const startOf = (init: boolean | string): string => `${init}`.toLowerCase();

/** Returns the scale `alpha / r`, or `alpha / √r` with rank stabilisation (Kalajdzievski 2023). */
export const scaleOf = (
  alpha: number,
  r: number,
  { use_rslora }: Pick<AdapterConfig, "use_rslora">,
): number => alpha / (use_rslora ? Math.sqrt(r) : r);

/** The error for a valid adapter that this reader does not support. */
export const unsupported = (what: string, at: string): UndertoneError =>
  badInput({
    expected: "an adapter of a kind that is supported",
    found: `${what}, which is not`,
    at,
    todo: MERGE,
  });

const damaged = (found: string, at: string): UndertoneError =>
  badInput({
    expected: "the configuration of an adapter as peft writes it",
    found,
    at,
    todo: "The file is damaged or was edited: fetch or save the adapter again.",
  });

/** Whether a key is present without a value. */
const isEmpty = (value: unknown): boolean =>
  value === null || value === false || (typeof value === "object" && Object.keys(value).length === 0);
