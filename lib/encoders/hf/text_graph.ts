/** Token ids as inputs of an exported graph. */
import * as tf from "@tensorflow/tfjs-core";
import { type GraphInputs, type GraphPort, integers, maskOf, onlyReal, padRows } from "../graph_inputs.ts";
import type { TextTokenizer } from "./tokenizer.ts";

const port = (name: string, meaning: string): GraphPort => ({
  name,
  type: "int64",
  axes: ["batch", "tokens"],
  meaning,
});

/**
 * Ids `[B,L]` and their mask `[B,L]`, named as Hugging Face's tokenizers name them; padding stands at the end. A longer text
 * than the encoder takes, or than `most` tokens, is cut by the tokenizer, whose file goes beside the graph. Throws
 * UndertoneError where such a file can't cut as the encoder does.
 */
export const textGraphInputs = (
  { encode, limit, file }: Pick<TextTokenizer, "encode" | "limit" | "file">,
  padToken: number,
  most = Infinity,
): GraphInputs<string> => ({
  ports: [
    port(
      "input_ids",
      "Token ids by tokenizer.json, which cuts a text to max_tokens; padding at the end.",
    ),
    port("attention_mask", "1 for tokens, 0 for padding; 0 throughout without text."),
  ],
  unit: 1,
  about: { max_tokens: Math.min(limit, most) },
  tokenizer: file(most),
  rowOf: (text) => encode(text, most),
  feed(rows, spare) {
    const { data, mask } = padRows(rows, spare, { padding: -1, make: integers });
    return { input_ids: { data, shape: mask.shape }, attention_mask: mask };
  },
  inputsOf({ input_ids, attention_mask }) {
    const mask = maskOf(attention_mask);
    return { ids: onlyReal(input_ids, mask, tf.scalar(padToken, "int32")), mask };
  },
});
