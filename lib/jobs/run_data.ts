/** The data of a run, loaded as its training loaded them, and how its model reads other rows. */
import { existsSync } from "node:fs";
import { UndertoneError } from "../errors.ts";
import { type Dataset, loadDataset, type LoadOptions } from "../data/mod.ts";
import type { Modality } from "../encoders/mod.ts";
import { labelReading, type TrainConfig } from "../config/mod.ts";
import { MODALITIES } from "../model/mod.ts";
import { type Division, readDivision, requireRowsOf, splitById } from "./division.ts";
import { runFolder } from "./run_folder.ts";
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

/**
 * Loads the data of a run with the targets, rows and splits of its training. `path` is the run's folder,
 * whose kept rows count, or a lone checkpoint. Throws UndertoneError if rows of the run are gone.
 */
export async function loadRunData(
  path: string,
  trained: Trained,
  stored: readonly Modality[],
  given: Pick<LoadOptions, "encoding" | "columns" | "pattern" | "cache"> = {},
): Promise<Dataset> {
  const { data, encoding, columns, pattern, protocol, fold } = trained.config;
  const division = await divisionOf(path);
  const dataset = await loadDataset(data, {
    ...rowsReading(trained, stored),
    labelled: true,
    modalities: MODALITIES.filter((modality) => trained.about.encoders[modality]),
    encoding: given.encoding ?? encoding,
    columns: given.columns ?? columns,
    pattern: given.pattern ?? pattern,
    cache: given.cache ?? trained.config.cache,
    ...division ? { division: splitById(division) } : { protocol, fold },
  });
  if (division) requireRowsOf(division, dataset);
  return dataset;
}

/**
 * Loads other data for a model. Their columns have the manifest's names, unless `given` names them, or they
 * can only be read by the names that the run's own data have. Throws UndertoneError.
 */
export async function loadOtherData(
  data: string,
  trained: Trained,
  stored: readonly Modality[],
  given: Pick<LoadOptions, "encoding" | "columns" | "pattern" | "cache"> = {},
): Promise<Dataset> {
  const { encoding, columns } = trained.config, reading = rowsReading(trained, stored);
  try {
    return await loadDataset(data, { ...reading, ...given });
  } catch (error) {
    if (!(error instanceof UndertoneError) || given.columns || !columns) throw error;
    return await loadDataset(data, { ...reading, ...given, columns, encoding: given.encoding ?? encoding })
      .catch(() => { // the first error is about the names that a user expects
        throw error;
      });
  }
}

/** Returns the rows that a run's folder keeps. */
const divisionOf = async (path: string): Promise<Division | undefined> =>
  existsSync(path) && Deno.statSync(path).isDirectory ? await readDivision(runFolder(path)) : undefined;
