/** Options that several heads share, so that each is described once. */
import { z } from "zod";

export const dropoutOptions = {
  dropout: z.number().min(0).lt(1).default(0.1)
    .describe("Share of each vector that the classifier reads that is dropped in training."),
  input_dropout: z.number().min(0).lt(1).default(0.3)
    .describe("Share of the encoders' dimensions that each utterance goes without in training."),
};

export const heads = z.int().min(1).default(4).describe("Attention heads; they divide the width evenly.");

export const SHARED_WIDTH = 128;

export const width = z.int().min(1).max(16_384).default(SHARED_WIDTH)
  .describe("Width that both modalities are projected to.");

/** Message of a width that its heads do not divide, after "Expected". */
export const DIVISIBLE = "a width that the number of heads divides";

/** Whether the width, where one is given, splits evenly over the heads. */
export const divisible = (options: { width?: number; heads: number }): boolean =>
  options.width === undefined || options.width % options.heads === 0;
