import type { Tensor } from "@tensorflow/tfjs-core";
import type { TransformerConfig } from "./transformer.ts";

/** What one family of text encoders has of its own; the rest is in transformer.ts. */
export interface TextFamily {
  /** `model_type` of config.json. */
  id: string;
  /** Stands before the encoder's names in checkpoints that hold a task's head, too. */
  prefix: string;
  /** Id of the padding token where config.json names none. */
  padToken: number;
  /** Most tokens of a text, special ones among them. */
  longest(config: TransformerConfig): number;
  /** Rows of the position embedding, `[L]` or `[B,L]` int32, for ids `[B,L]`. */
  positions(ids: Tensor, config: TransformerConfig): Tensor;
}
