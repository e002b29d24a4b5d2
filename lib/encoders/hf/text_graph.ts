/** The inputs of an exported graph for text: token ids and attention mask. */
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
 * Returns the inputs `[B,L]` of ids and attention mask, named as in Hugging Face's tokenizers, with padding
 * at the end. The tokenizer.json beside the graph cuts a text that is longer than the encoder takes or than
 * `most` tokens. Throws UndertoneError if such a file can't cut texts as the encoder does.
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
    port("attention_mask", "1 for tokens, 0 for padding; all 0 for an utterance without text."),
  ],
  unit: 1,
  about: { max_tokens: Math.min(limit, most) },
  tokenizer: file(most),
  rowOf: (text) => encode(text, most),
  feed(rows, spare) {
    // Positions beyond the encoder's limit have no embedding, not even for padding.
    const room = Math.max(0, limit - Math.max(0, ...rows.map((row) => row?.length ?? 0)));
    const { data, mask } = padRows(rows, Math.min(spare, room), { padding: -1, make: integers });
    return { input_ids: { data, shape: mask.shape }, attention_mask: mask };
  },
  inputsOf({ input_ids, attention_mask }) {
    const mask = maskOf(attention_mask);
    return { ids: onlyReal(input_ids, mask, tf.scalar(padToken, "int32")), mask };
  },
});
