/** Low-rank changes as peft keeps them: `adapter_config.json` beside `adapter_model.safetensors`. */
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../files/atomic.ts";
import { readJson } from "../../files/json.ts";
import { encodeSafetensors, type RawTensor, readSafetensors } from "../../files/safetensors.ts";
import { parseWith } from "../../schema.ts";
import { DOWN, isLora, type LoraOptions, UP } from "./lora.ts";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
/** Before the names of the changed model's parameters. */
const PREFIX = "base_model.model.";

type Weights = Record<string, RawTensor>;

export interface Adapter {
  options: LoraOptions;
  /** The changed model, as its maker named it. */
  base: string;
  /** Matrices of the changes, under the names of the changed layers: `….query.lora_A.weight`. */
  tensors: Weights;
}

const none = z.union([z.null(), z.record(z.string(), z.never()), z.literal(false)]).optional();

const adapterConfig = z.object({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string(),
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.array(z.string()), z.string().transform((name) => [name])]),
  bias: z.literal("none").default("none"),
  fan_in_fan_out: none,
  use_dora: none,
  use_rslora: none,
  rank_pattern: none,
  alpha_pattern: none,
  modules_to_save: none,
});

/** The adapter in `folder`, nothing where there is none. Throws UndertoneError for what is of another kind. */
export async function findAdapter(folder: string): Promise<Adapter | undefined> {
  const path = join(folder, CONFIG);
  if (!existsSync(path)) return undefined;
  const config = parseWith(adapterConfig, await readJson(path), path);
  const { tensors } = await readSafetensors(join(folder, WEIGHTS));
  return {
    base: config.base_model_name_or_path,
    options: {
      r: config.r,
      alpha: config.lora_alpha,
      dropout: config.lora_dropout,
      targets: config.target_modules,
    },
    tensors: Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name.replace(PREFIX, ""), tensor]),
    ),
  };
}

/** Where the model lies that an adapter in `folder` changes: a path of its own, or one from there. */
export const baseFolder = ({ base }: Adapter, folder: string): string =>
  isAbsolute(base) ? base : join(folder, base);

/** Writes an adapter into `folder` as peft does; its tensors are those of `weights` that are of changes. */
export async function writeAdapter(
  folder: string,
  { options, base, tensors }: Adapter,
): Promise<void> {
  const named = Object.entries(tensors).filter(([name]) => isLora(name))
    .map(([name, tensor]) => [PREFIX + name, tensor] as const);
  await writeFileAtomic(
    join(folder, WEIGHTS),
    encodeSafetensors(Object.fromEntries(named), { format: "pt" }),
  );
  await writeJsonAtomic(join(folder, CONFIG), {
    base_model_name_or_path: base,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: options.alpha,
    lora_dropout: options.dropout,
    modules_to_save: null,
    peft_type: "LORA",
    r: options.r,
    target_modules: options.targets,
    task_type: null,
    use_dora: false,
    use_rslora: false,
  });
}

/**
 * Weights with the changes of an adapter in them: W + alpha / r B A. Names of changed layers may stand after that of the
 * model they are in. Throws UndertoneError where a change fits no weight; `at` is its folder.
 */
export function merged(weights: Weights, { options, tensors }: Adapter, at: string): Weights {
  const result = { ...weights }, scale = options.alpha / options.r;
  for (const [name, down] of Object.entries(tensors)) {
    if (!name.endsWith(DOWN)) continue;
    const layer = name.slice(0, -DOWN.length), up = tensors[layer + UP];
    const target = Object.keys(weights).find((weight) => `.${layer}.weight`.endsWith(`.${weight}`));
    const shape = target && weights[target].shape, { r } = options;
    if (!up || !shape || `${down.shape}` !== `${[r, shape[1]]}` || `${up.shape}` !== `${[shape[0], r]}`) {
      throw badInput({
        expected: "changes of layers of the model that the adapter names",
        found: `'${name}' of shape [${down.shape}]`,
        at,
        todo: "Check base_model_name_or_path in adapter_config.json.",
      });
    }
    result[target] = { shape, data: changed(weights[target], down, up, scale) };
  }
  return result;
}

/** W + scale B A, summed in double precision. */
function changed(
  { data, shape: [outputs, inputs] }: RawTensor,
  down: RawTensor,
  up: RawTensor,
  scale: number,
) {
  const result = new Float32Array(data.length), [r] = down.shape;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let k = 0; k < r; k++) sum += up.data[o * r + k] * down.data[k * inputs + i];
      result[o * inputs + i] = data[o * inputs + i] + scale * sum;
    }
  }
  return result;
}
