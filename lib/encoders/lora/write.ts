/** Writes trained LoRA matrices in peft's format. */
import { join } from "node:path";
import { encodeSafetensors, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { CONFIG } from "./config.ts";
import { isLora, type LoraOptions } from "./lora.ts";
import { PREFIX, WEIGHTS, type Weights } from "./tensors.ts";

/** Writes an adapter of the model `base` into `folder`, from the LoRA matrices among `tensors`. */
export async function writeAdapter(
  folder: string,
  { options, base, tensors }: { options: LoraOptions; base: string; tensors: Weights },
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
