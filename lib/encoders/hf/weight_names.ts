/** Names in files of weights: a model's own, and what wrappers, older versions and other tasks make of them or add to them. */

/** Before all names of a model that was saved inside a wrapper: DataParallel, one's own or Lightning's, sentence-transformers. */
const WRAPPERS = ["module.", "model.", "0.auto_model."];
/** Of torch.compile, which may have been given a part alone. */
const COMPILED = "_orig_mod.";

/** A name as the model has it, and the wrappers that it stood behind. */
export interface PlainName {
  plain: string;
  behind: string[];
}

/** `prefix` stands before the encoder's names in a model with a head. */
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

/** Parts of models in transformers on which no hidden state depends: the pooler, and the heads of tasks and of pre-training. */
const HEADS = [
  ...["pooler", "cls", "classifier", "score", "qa_outputs", "lm_head", "projector", "layer_weights"],
  ...["project_hid", "project_q", "quantizer", "final_proj", "label_embs_concat", "tdnn", "objective"],
];

/** Whether a name is of a head that is known. */
export const isOfHead = (plain: string): boolean => HEADS.includes(roomOf(plain));

/** `encoder` of `encoder.layer.0.output.dense.bias`. */
export const roomOf = (plain: string): string => plain.split(".")[0];

/** The first of some names, and how many more there are. */
export const few = (names: readonly string[]): string =>
  names.slice(0, 3).map((name) => `'${name.slice(0, 100)}'`).join(", ") +
  (names.length > 3 ? ` and ${names.length - 3} more` : "");
