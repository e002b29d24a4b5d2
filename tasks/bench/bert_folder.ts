/** Writes a Hugging Face folder of a BERT with random weights and an invented vocabulary. */
import { join } from "node:path";
import { encodeSafetensors } from "../../lib/files/mod.ts";
import { type Config, randomWeights, text } from "./encoder_models.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/**
 * Returns a BERT tokenizer of `size` tokens: letters at the start of and inside words, these words, and
 * fillers.
 */
function tokenizer(size: number, words: readonly string[]): Record<string, unknown> {
  const letters = [..."abcdefghijklmnopqrstuvwxyz0123456789'.,!?-"];
  const known = [...new Set([...SPECIAL, ...letters, ...letters.map((letter) => `##${letter}`), ...words])];
  const filled = Array.from({ length: size }, (_, id) => known[id] ?? `word${id}`);
  const special = (name: string) => ({ id: name, ids: [SPECIAL.indexOf(name)], tokens: [name] });
  const piece = (SpecialToken: string) => ({ SpecialToken: { id: SpecialToken, type_id: 0 } });
  return {
    version: "1.0",
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [piece("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, piece("[SEP]")],
      pair: [piece("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, piece("[SEP]")],
      special_tokens: { "[CLS]": special("[CLS]"), "[SEP]": special("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(filled.map((token, id) => [token, id])),
    },
  };
}

/** Writes a model of this configuration to the existing `folder`. Each of `words` becomes one token. */
export async function writeBert(folder: string, config: Config, words: readonly string[]): Promise<void> {
  const files: Record<string, unknown> = {
    "config.json": { ...config, architectures: ["BertModel"], pad_token_id: 0 },
    "tokenizer.json": tokenizer(config.vocab_size as number, words),
    "tokenizer_config.json": {
      tokenizer_class: "BertTokenizer",
      model_max_length: config.max_position_embeddings,
      do_lower_case: true,
    },
  };
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), JSON.stringify(content));
  }
  const weights = encodeSafetensors(randomWeights(text.shapes(config), 1), { format: "pt" });
  await Deno.writeFile(join(folder, "model.safetensors"), weights);
}
