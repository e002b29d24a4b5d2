/** `config.json` of a Hugging Face folder: which architecture, how large. */
import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { readJson } from "../../files/json.ts";
import { parseWith } from "../../schema.ts";
import { bert } from "./bert.ts";
import type { TextFamily } from "./family.ts";
import { roberta } from "./roberta.ts";
import { type TransformerConfig, transformerConfig } from "./transformer.ts";

/** Families by `model_type`. */
const FAMILIES: readonly TextFamily[] = [bert, roberta];

const architecture = z.object({ model_type: z.string() });

/** Which text encoder a folder holds. */
export interface TextArchitecture {
  family: TextFamily;
  config: TransformerConfig;
}

/**
 * Family and sizes of the model in `folder`. Throws UndertoneError for an architecture that is not there, and for what
 * this one can't be.
 */
export async function readConfig(folder: string): Promise<TextArchitecture> {
  const path = join(folder, "config.json"), json = await readJson(path);
  const { model_type } = parseWith(architecture, json, path);
  const family = FAMILIES.find(({ id }) => id === model_type);
  if (!family) {
    throw badInput({
      expected: `a text encoder of the architectures ${FAMILIES.map(({ id }) => id).join(", ")}`,
      found: `model_type '${model_type}'`,
      at: path,
      todo: "Choose a model of one of these.",
    });
  }
  const read = parseWith(transformerConfig, json, path);
  const config = { ...read, pad_token_id: read.pad_token_id ?? family.padToken };
  const { hidden_size, num_attention_heads } = config;
  if (hidden_size % num_attention_heads) {
    throw badInput({
      expected: "a hidden_size that the number of heads divides",
      found: `${hidden_size} for ${num_attention_heads} heads`,
      at: path,
      todo: "The file is not that of these weights: fetch it again.",
    });
  }
  return { family, config };
}
