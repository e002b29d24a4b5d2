/** How a configuration reads its data set. */
import type { LoadOptions } from "../data/mod.ts";
import { labelReading } from "./labels.ts";
import type { TrainConfig } from "./train.ts";

/** Returns the options of `loadDataset` that a configuration names itself. Modalities and splits differ. */
export const dataReading = (
  { encoding, columns, pattern, cache, target, keep_text: keepText, labels }: Pick<
    TrainConfig,
    "encoding" | "columns" | "pattern" | "cache" | "target" | "keep_text" | "labels"
  >,
): LoadOptions => ({ encoding, columns, pattern, cache, target, keepText, ...labelReading({ labels }) });
