/** The data of a run, loaded as its training loaded them, and how its model reads other rows. */
import { type Dataset, loadDataset, type LoadOptions } from "../data/mod.ts";
import type { Modality } from "../encoders/mod.ts";
import { labelReading, type TrainConfig } from "../config/mod.ts";
import { MODALITIES } from "../model/mod.ts";
import type { CheckpointAbout } from "../train/mod.ts";

/** What a checkpoint says of a model and of its training. */
export interface Trained {
  about: Pick<CheckpointAbout, "encoders" | "target">;
  config: TrainConfig;
}

/**
 * Returns what a model reads of any rows: its kind of target, labels as its training mapped them, and text
 * without its clip if the run kept it.
 */
export const rowsReading = (
  { about: { encoders, target = "class" }, config }: Trained,
  stored: readonly Modality[],
): LoadOptions => ({
  labelled: false,
  target,
  ...labelReading(config),
  stored,
  keepText: config.keep_text && encoders.text !== undefined,
});

/** Loads the data of a run with the targets, rows and splits of its training. Throws UndertoneError. */
export function loadRunData(
  trained: Trained,
  stored: readonly Modality[],
  given: Pick<LoadOptions, "encoding" | "columns" | "pattern" | "cache"> = {},
): Promise<Dataset> {
  const { data, encoding, columns, pattern, protocol, fold } = trained.config;
  return loadDataset(data, {
    ...rowsReading(trained, stored),
    labelled: true,
    modalities: MODALITIES.filter((modality) => trained.about.encoders[modality]),
    encoding: given.encoding ?? encoding,
    columns: given.columns ?? columns,
    pattern: given.pattern ?? pattern,
    cache: given.cache ?? trained.config.cache,
    protocol,
    fold,
  });
}
