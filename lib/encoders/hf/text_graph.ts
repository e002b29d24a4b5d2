/** The inputs of an exported graph for text: token ids and attention mask. */
import * as tf from "@tensorflow/tfjs-core";
import { feedTokens, type GraphInputs, maskOf, onlyReal, TOKEN_PORTS } from "../graph_inputs.ts";
import type { TextTokenizer } from "./tokenizer.ts";

/**
 * Returns the inputs `[B,L]` of ids and attention mask, named as in Hugging Face's tokenizers, with padding
 * at the end. The tokenizer.json beside the graph cuts a text that is longer than the encoder takes or than
 * `most` tokens. Throws UndertoneError if such a file can't cut texts as the encoder does.
 */
export const textGraphInputs = (
  { encode, limit, file }: Pick<TextTokenizer, "encode" | "limit" | "file">,
  padToken: number,
  most = Infinity,
): GraphInputs<string> => ({
  ports: TOKEN_PORTS,
  unit: 1,
  about: { max_tokens: Math.min(limit, most) },
  tokenizer: file(most),
  rowOf: (text) => encode(text, most),
  feed(rows, spare) {
    // Positions beyond the encoder's limit have no embedding, not even for padding.
    const room = Math.max(0, limit - Math.max(0, ...rows.map((row) => row?.length ?? 0)));
    return feedTokens(rows, Math.min(spare, room));
  },
  inputsOf({ input_ids, attention_mask }) {
    const mask = maskOf(attention_mask);
    return { ids: onlyReal(input_ids, mask, tf.scalar(padToken, "int32")), mask };
  },
});
