/** A model changed by an adapter as peft keeps it: `adapter_config.json` beside `adapter_model.safetensors`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../../errors.ts";
import { readJson, readSafetensors } from "../../files/mod.ts";
import { findBase } from "./base.ts";
import { type AdapterConfig, adapterConfig, CONFIG } from "./config.ts";
import { type Merged, merged } from "./merge.ts";
import { PREFIX, WEIGHTS, type Weights } from "./tensors.ts";

export interface Adapter {
  config: AdapterConfig;
  /** By the names of the changed model: `….query.lora_A.weight`. */
  tensors: Weights;
}

/** Whether a folder holds an adapter. */
export const isAdapter = (folder: string): boolean => existsSync(join(folder, CONFIG));

/** The adapter in `folder`. Throws UndertoneError for what is damaged, or of a kind that is not supported. */
export async function readAdapter(folder: string): Promise<Adapter> {
  const path = join(folder, CONFIG), config = adapterConfig(await readJson(path), path);
  if (!existsSync(join(folder, WEIGHTS)) && existsSync(join(folder, "adapter_model.bin"))) {
    throw badInput({
      expected: WEIGHTS,
      found: "adapter_model.bin, which is not read",
      at: folder,
      todo: "Load the adapter with peft and save it again with safe_serialization=True.",
    });
  }
  const { tensors } = await readSafetensors(join(folder, WEIGHTS)), named: Weights = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!name.startsWith(PREFIX)) {
      throw badInput({
        expected: `names that start with ${PREFIX}, as peft writes them`,
        found: `'${name}'`,
        at: join(folder, WEIGHTS),
        todo: "Save the adapter with peft.",
      });
    }
    named[name.slice(PREFIX.length)] = tensor;
  }
  return { config, tensors: named };
}

/** Where a model is read from, and what makes its weights of those that are there. */
export interface Source {
  /** The folder of its weights and its configuration. */
  base: string;
  changed(weights: Weights): Merged;
}

/** The model that `folder` means: the one in it, or where it is an adapter's the one that this changes. Throws UndertoneError. */
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
