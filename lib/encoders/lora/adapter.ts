/**
 * Reads an adapter in peft's format, `adapter_config.json` beside `adapter_model.safetensors` or the older
 * `adapter_model.bin`, and its model.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../../errors.ts";
import { readJson, readSafetensors, readTorch } from "../../files/mod.ts";
import { findBase } from "./base.ts";
import { type AdapterConfig, adapterConfig, CONFIG } from "./config.ts";
import { type Merged, merged } from "./merge.ts";
import { PREFIX, WEIGHTS, type Weights } from "./tensors.ts";

/** The file of tensors that older versions of peft write. */
const PICKLED = "adapter_model.bin";

export interface Adapter {
  config: AdapterConfig;
  /** Tensors by their names in the changed model: `….query.lora_A.weight`. */
  tensors: Weights;
}

/** Whether a folder holds an adapter. */
export const isAdapter = (folder: string): boolean => existsSync(join(folder, CONFIG));

/** Reads the adapter in `folder`. Throws UndertoneError if it is damaged or of an unsupported kind. */
export async function readAdapter(folder: string): Promise<Adapter> {
  const path = join(folder, CONFIG), config = adapterConfig(await readJson(path), path);
  const file = join(
    folder,
    existsSync(join(folder, PICKLED)) && !existsSync(join(folder, WEIGHTS)) ? PICKLED : WEIGHTS,
  );
  const { tensors } = await (file.endsWith(PICKLED) ? readTorch : readSafetensors)(file), named: Weights = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!name.startsWith(PREFIX)) {
      throw badInput({
        expected: `names that start with ${PREFIX}, as peft writes them`,
        found: `'${name}'`,
        at: file,
        todo: "Save the adapter with peft.",
      });
    }
    named[name.slice(PREFIX.length)] = tensor;
  }
  return { config, tensors: named };
}

/** The folder of a model, and the function that applies an adapter to its weights. */
export interface Source {
  /** The folder of the model's weights and configuration. */
  base: string;
  changed(weights: Weights): Merged;
}

/**
 * Returns the source of the model in `folder`: the folder itself or, for an adapter, the model that it
 * changes. Throws UndertoneError.
 */
export async function sourceOf(folder: string): Promise<Source> {
  if (!isAdapter(folder)) return { base: folder, changed: (weights) => ({ weights, notes: [] }) };
  const { config, tensors } = await readAdapter(folder), base = await findBase(config, folder);
  return {
    base: base.folder,
    changed(weights) {
      const { notes, ...rest } = merged(weights, config, tensors, folder);
      return { ...rest, notes: [...base.notes, ...notes] };
    },
  };
}
