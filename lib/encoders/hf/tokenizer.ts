/** `tokenizer.json` of a Hugging Face folder: texts to ids, by Hugging Face's own library. */
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { badInput } from "../../errors.ts";
import { parseWith } from "../../schema.ts";
import type { EncoderFiles } from "../encoder.ts";
import { type FileNames, readFiles } from "./files.ts";
import { requireTokenIds } from "./token_ids.ts";

export interface TextTokenizer {
  /** Ids with the special tokens, at most `limit` of them; what is beyond is cut before the last special token. */
  encode(text: string, limit: number): number[];
  /** Most tokens that the folder allows; Infinity where it does not say. */
  limit: number;
  /** One more than the largest id. */
  size: number;
  /** What it was made from. */
  content: string;
}

export const TOKENIZER_FILES: FileNames = {
  required: ["tokenizer.json"],
  optional: ["tokenizer_config.json"],
};

const truncation = z.object({ truncation: z.object({ max_length: z.int().min(2) }).nullish() });
const settings = z.object({ model_max_length: z.number().min(2).optional() });

/** Reads the tokenizer in `folder`; padding in its file is not followed. Throws UndertoneError. */
export async function readTokenizer(folder: string): Promise<TextTokenizer> {
  return textTokenizer(await readFiles(folder, TOKENIZER_FILES), folder);
}

/** The tokenizer of `tokenizer.json` and, where it is there, `tokenizer_config.json`; `at` is their folder. */
export function textTokenizer(files: EncoderFiles, at: string): TextTokenizer {
  const path = join(at, "tokenizer.json");
  const json = files["tokenizer.json"], more = files["tokenizer_config.json"] ?? {};
  const { truncation: cut } = parseWith(truncation, json, path);
  const { model_max_length } = parseWith(settings, more, join(at, "tokenizer_config.json"));
  requireTokenIds(json, path);
  let tokenizer: Tokenizer, size: number;
  try {
    tokenizer = new Tokenizer(json as object, more as object);
    size = [...tokenizer.get_vocab(true).values()].reduce((most, id) => Math.max(most, id), 0) + 1;
  } catch (cause) {
    throw badInput({
      expected: "a tokenizer as Hugging Face writes it",
      found: `one that can't be read (${(cause as Error).message})`,
      at: path,
      todo: "Fetch the file again.",
    }, cause);
  }
  return {
    limit: Math.min(cut?.max_length ?? Infinity, model_max_length ?? Infinity),
    size,
    content: JSON.stringify([json, more]),
    encode(text, limit) {
      const { ids } = tokenizer.encode(text);
      return ids.length <= limit ? ids : [...ids.slice(0, limit - 1), ids.at(-1)!];
    },
  };
}
