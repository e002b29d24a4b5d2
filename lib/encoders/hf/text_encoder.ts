/** A text encoder from a Hugging Face folder: tokenizer and transformer. */
import * as tf from "@tensorflow/tfjs-core";
import { badInput } from "../../errors.ts";
import type { TextEncoder, TrainableEncoder } from "../encoder.ts";
import { readConfig } from "./config.ts";
import { idOf, parseName } from "./hidden_state.ts";
import { readTextModel, type TextInputs } from "./text_model.ts";
import { readTokenizer } from "./tokenizer.ts";
import { frozenAlone, trainableEncoder } from "./trainable.ts";

export type TrainableTextEncoder = TrainableEncoder<string, TextInputs>;

/** Lengths are padded to a multiple of this. */
const STRIDE = 8;
/** Rows of a frozen forward pass. */
const ROWS = 32;

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
  const longest = Math.min(tokenizer.limit, family.longest(config));
  return trainableEncoder({
    id: idOf(folder, layer),
    modality: "text",
    model: await readTextModel(folder, architecture, layer),
    preprocessing: tokenizer.content,
    rowOf: (text: string) => tokenizer.encode(text, longest),
    pad: (rows) => padded(rows, longest, config.pad_token_id),
    rows: ROWS,
  });
}

/** The frozen encoder that `hf:<name>` means: `name` is a folder, or a folder, `#` and the number of a hidden state. */
export async function frozenTextEncoder(name: string): Promise<TextEncoder> {
  const { folder, layer } = parseName(name);
  return await frozenAlone(await readTextEncoder(folder, layer));
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
