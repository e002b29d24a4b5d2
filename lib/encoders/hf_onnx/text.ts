import { join } from "node:path";
import { Tensor } from "@huggingface/transformers";
import { z } from "zod";
import { parseFacts } from "../../schema.ts";
import type { Sequence, TextEncoder } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import { readFiles } from "../hf/files.ts";
import { textTokenizer, TOKENIZER_FILES } from "../hf/tokenizer.ts";
import { readExport } from "./export.ts";

/** Part of the fingerprint: increase it when the same files give other states. */
const VERSION = "1";

const FILES = { ...TOKENIZER_FILES, required: ["config.json", ...TOKENIZER_FILES.required] };

/** Families whose positions start after the padding token's id. */
const SHIFTED = ["roberta", "xlm-roberta", "camembert", "mpnet"];

const configuration = z.object({
  model_type: z.string(),
  max_position_embeddings: z.int().min(1).optional(),
  pad_token_id: z.int().min(0).nullish(),
});

/**
 * Loads the frozen text encoder `hf-onnx:<name>`: last hidden states `[T,D]` of an ONNX export of any
 * architecture that transformers.js supports. Each text is computed by itself, because a quantised graph
 * scales by all values in a batch. Texts are cut to the model's longest input. Throws UndertoneError if the
 * folder's files do not form an encoder.
 */
export async function onnxTextEncoder(name: string): Promise<TextEncoder> {
  const { folder, run, ...model } = await readExport(name);
  const made: string[] = [], path = join(folder, "config.json");
  const files = await readFiles(folder, FILES, { notes: made });
  const config = parseFacts(configuration, files["config.json"], path);
  const { model_type, max_position_embeddings = Infinity, pad_token_id } = config;
  const taken = SHIFTED.includes(model_type) ? (pad_token_id ?? 1) + 1 : 0;
  const { encode, lengthOf, tokensOf, revised, side, limit, notes, content, formerly } = textTokenizer(
    files,
    folder,
    max_position_embeddings - taken,
  );
  const named = (tokenizer: string, limit: number) =>
    fingerprint(VERSION, model.fingerprint, tokenizer, `${limit}`);

  const states = (ids: readonly number[]): Promise<Sequence> => {
    const row = (values: readonly number[]) =>
      new Tensor("int64", BigInt64Array.from(values, BigInt), [1, ids.length]);
    return run({ input_ids: row(ids), attention_mask: row(ids.map(() => 1)) });
  };
  const { width } = await states([0]);

  return {
    id: `hf-onnx:${name}`,
    modality: "text",
    fingerprint: named(content, limit),
    formerly: formerly &&
      { fingerprint: named(formerly.content, formerly.limit), did: formerly.changes.join(", and ") },
    notes: [...made, ...notes],
    lengthOf,
    tokensOf: (text) => tokensOf(text),
    keepsEnd: side === "left",
    revised,
    width,
    async encode(batch) {
      const sequences: Sequence[] = [];
      for (const text of batch) {
        const ids = encode(text);
        sequences.push(ids.length ? await states(ids) : { data: new Float32Array(0), length: 0, width });
      }
      return sequences;
    },
  };
}
