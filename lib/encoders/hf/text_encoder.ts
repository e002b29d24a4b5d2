/** A text encoder from a Hugging Face folder: tokenizer and transformer. */
import * as tf from "@tensorflow/tfjs-core";
import { disposeParams } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import type { TextEncoder, TrainableEncoder } from "../encoder.ts";
import { readConfig } from "./config.ts";
import { encodeRows, fingerprintOf, snapshot } from "./frozen.ts";
import { readTextModel, type TextInputs } from "./text_model.ts";
import { readTokenizer } from "./tokenizer.ts";

export type TrainableTextEncoder = TrainableEncoder<string, TextInputs>;

/** Lengths are padded to a multiple of this. */
const STRIDE = 8;

/**
 * The text encoder in `folder`, its states those of `layer` (0: the embeddings; default: the last). Throws UndertoneError
 * where the folder's files do not make one.
 */
export async function readTextEncoder(folder: string, layer?: number): Promise<TrainableTextEncoder> {
  const architecture = await readConfig(folder), { family, config } = architecture;
  const tokenizer = await readTokenizer(folder);
  if (tokenizer.size > config.vocab_size) {
    throw badInput({
      expected: `a tokenizer of at most ${config.vocab_size} tokens (vocab_size)`,
      found: `one of ${tokenizer.size}`,
      at: folder,
      todo: "tokenizer.json and config.json must come from one model: fetch both again.",
    });
  }
  const model = await readTextModel(folder, architecture, layer), { params, apply } = model;
  const id = layer === undefined ? `hf:${folder}` : `hf:${folder}#${layer}`, width = config.hidden_size;
  const longest = Math.min(tokenizer.limit, family.longest(config));
  const tokenize = (text: string) => tokenizer.encode(text, longest);
  const pad = (rows: readonly number[][]) => padded(rows, longest, config.pad_token_id);

  return {
    id,
    modality: "text",
    width,
    params,
    apply,
    prepare: (batch) => pad(batch.map(tokenize)),
    async frozen() {
      const weights = await snapshot(params);
      return {
        id,
        modality: "text",
        fingerprint: fingerprintOf(model, weights, tokenizer.content),
        width,
        encode: (batch) => encodeRows(apply, weights, batch.map(tokenize), pad),
      };
    },
  };
}

/** The frozen encoder that `hf:<name>` means: `name` is a folder, or a folder, `#` and the number of a hidden state. */
export async function frozenTextEncoder(name: string): Promise<TextEncoder> {
  const [, folder, layer] = name.match(/^(.*?)(?:#(\d+))?$/)!;
  const encoder = await readTextEncoder(folder, layer === undefined ? undefined : Number(layer));
  const frozen = await encoder.frozen();
  disposeParams(encoder.params);
  return frozen;
}

/** Rows of ids side by side, shorter ones padded at their end. */
function padded(rows: readonly number[][], longest: number, padToken: number): TextInputs {
  const most = Math.max(1, ...rows.map((row) => row.length));
  const length = Math.min(longest, Math.ceil(most / STRIDE) * STRIDE);
  const ids = new Int32Array(rows.length * length).fill(padToken);
  const mask = new Float32Array(ids.length);
  rows.forEach((row, b) => {
    ids.set(row, b * length);
    mask.fill(1, b * length, b * length + row.length);
  });
  const shape: [number, number] = [rows.length, length];
  return { ids: tf.tensor2d(ids, shape, "int32"), mask: tf.tensor2d(mask, shape) };
}
