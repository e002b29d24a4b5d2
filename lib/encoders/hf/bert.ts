import * as tf from "@tensorflow/tfjs-core";
import type { TextFamily } from "./family.ts";
import { BERT_NAMES, transformerConfig } from "./transformer.ts";

/** BERT (Devlin et al. 2019) and models of the same architecture, such as MiniLM. */
export const bert: TextFamily = {
  id: "bert",
  settings: transformerConfig,
  names: BERT_NAMES,
  prefix: "bert.",
  padToken: 0,
  longest: (config) => config.max_position_embeddings,
  positions: (ids) => tf.range(0, ids.shape[1]!, 1, "int32"),
};
