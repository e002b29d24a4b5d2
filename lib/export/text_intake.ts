/** Token ids as inputs, for a text encoder in the graph. */
import * as tf from "@tensorflow/tfjs-core";
import { type InnerEncoder, textArchitecture, textTokenizer } from "../encoders/mod.ts";
import { INFERENCE, type Intake, integers, maskOf, onlyReal, sideBySide } from "./intake.ts";

/**
 * Ids `[B,L]` and their mask `[B,L]`, named as Hugging Face's tokenizers name them; padding stands at the end. A longer text
 * than the encoder takes, or than `most` tokens, is cut by the tokenizer, whose file goes beside the graph. Throws
 * UndertoneError where such a file can't cut as the encoder does.
 */
export function textIntake({ id, apply, params, files }: InnerEncoder, most = Infinity): Intake {
  const { family, config } = textArchitecture(files["config.json"], id);
  const tokenizer = textTokenizer(files, id, family.longest(config));
  const axes = ["batch", "tokens"];
  return {
    modality: "text",
    inputs: ["input_ids", "attention_mask"].map((name) => ({ name, type: "int64", axes })),
    unit: 1,
    about: { max_tokens: Math.min(tokenizer.limit, most) },
    tokenizer: tokenizer.file(most),
    states({ input_ids, attention_mask }) {
      const mask = maskOf(attention_mask);
      const ids = onlyReal(input_ids, mask, tf.scalar(config.pad_token_id, "int32"));
      return { states: apply(params, { ids, mask }, INFERENCE).states, mask };
    },
    feed(rows, spare) {
      const { data, mask } = sideBySide(rows, spare, { padding: -1, make: integers });
      return { input_ids: { data, shape: mask.shape }, attention_mask: mask };
    },
  };
}
