import type { Random } from "../../random.ts";
import type { AugmentRange } from "./augmentation.ts";

/** Draws a number of the range, each equally likely. */
export const between = ([low, high]: AugmentRange, { uniform }: Random): number =>
  low + (high - low) * uniform();
