/** Options that several heads share, each described once. */
import { z } from "zod";

export const dropoutOptions = {
  dropout: z.number().min(0).lt(1).default(0.1)
    .describe("Dropout rate of the vectors that the classifier reads, in training."),
  input_dropout: z.number().min(0).lt(1).default(0.3)
    .describe("Share of the hidden states' dimensions that is dropped per utterance in training."),
};

export const heads = z.int().min(1).default(4).describe(
  "Number of attention heads; it must divide the width.",
);

export const SHARED_WIDTH = 128;

export const width = z.int().min(1).max(16_384).default(SHARED_WIDTH)
  .describe("Width that both modalities are projected to.");

/** Says what was expected if the number of heads does not divide the width; it follows "Expected". */
export const DIVISIBLE = "a width that the number of heads divides";

/** Returns whether the heads divide the width evenly; true if no width is given. */
export const divisible = (options: { width?: number; heads: number }): boolean =>
  options.width === undefined || options.width % options.heads === 0;
