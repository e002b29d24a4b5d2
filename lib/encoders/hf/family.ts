import type { Tensor } from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { LayerNames, TransformerConfig } from "./transformer.ts";

/** A transformer's configuration as a file gives it: it may leave the padding token out. */
export type ReadConfig = Omit<TransformerConfig, "pad_token_id"> & { pad_token_id?: number };

/** What is specific to one family of text encoders; the rest is in transformer.ts. */
export interface TextFamily {
  /** `model_type` of config.json. */
  id: string;
  /** Reads the family's keys of config.json. */
  settings: z.ZodType<ReadConfig>;
  /** Names of its parameters. */
  names: LayerNames;
  /** Prefix of the encoder's weight names in checkpoints that also hold a task's head. */
  prefix: string;
  /** Id of the padding token if config.json names none. */
  padToken: number;
  /** Longest text in tokens, special tokens included. */
  longest(config: TransformerConfig): number;
  /** Returns the rows of the position embedding, `[L]` or `[B,L]` int32, for ids `[B,L]`. */
  positions(ids: Tensor, config: TransformerConfig): Tensor;
}
