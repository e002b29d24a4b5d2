/** Names in files of weights: reduces prefixes and old spellings to a model's own names. */

/**
 * Prefixes of models that were saved inside a wrapper: DataParallel, a custom or Lightning module,
 * sentence-transformers.
 */
const WRAPPERS = ["module.", "model.", "0.auto_model."];
/** Prefix that torch.compile adds, possibly only to a part of the model. */
const COMPILED = "_orig_mod.";

/** A name in the model's own spelling, and the wrapper prefixes that were removed. */
export interface PlainName {
  plain: string;
  behind: string[];
}

/** Returns the plain name; `prefix` precedes the encoder's names in a model with a head. */
export function plainName(name: string, prefix: string): PlainName {
  const behind = name.includes(COMPILED) ? [COMPILED] : [];
  let plain = name.replaceAll(COMPILED, ""), wrapper: string | undefined;
  while ((wrapper = [prefix, ...WRAPPERS].find((start) => plain.startsWith(start)))) {
    plain = plain.slice(wrapper.length);
    if (wrapper !== prefix) behind.push(wrapper);
  }
  plain = plain.replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias")
    .replace(/\.weight_g$/, ".parametrizations.weight.original0")
    .replace(/\.weight_v$/, ".parametrizations.weight.original1");
  return { plain, behind };
}

/**
 * Parts of transformers' models on which no hidden state depends: the pooler, and heads of tasks and
 * pre-training.
 */
const HEADS = [
  ...["pooler", "cls", "classifier", "score", "qa_outputs", "lm_head", "projector", "layer_weights"],
  ...["vocab_transform", "vocab_layer_norm", "vocab_projector", "pre_classifier"],
  ...["speaker_proj", "label_embeddings_concat", "layer_norm_for_extract", "ctc_proj"],
  // Unless training masks: then it is among the parameters.
  ...["masked_spec_embed"],
  ...["project_hid", "project_q", "quantizer", "final_proj", "label_embs_concat", "tdnn", "objective"],
];

/** Whether a name belongs to a known head. */
export const isOfHead = (plain: string): boolean => HEADS.includes(roomOf(plain));

/** Returns the first part of a name: `encoder` of `encoder.layer.0.output.dense.bias`. */
export const roomOf = (plain: string): string => plain.split(".")[0];
