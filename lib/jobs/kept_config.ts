/** A run's config.json beside its checkpoint: the checkpoint's configuration counts. */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type TrainConfig, trainConfig, withoutAuto, withSavedNames } from "../config/mod.ts";
import { readJson } from "../files/mod.ts";
import { parseWith } from "../schema.ts";
import type { TargetKind } from "../target.ts";
import { CHECKPOINTS, runFolder } from "./run_folder.ts";

/** Options that a resumed run may change after its best checkpoint was written. */
const LATER = ["epochs", "data", "encoding"] as const;

/**
 * Returns a note if the config.json of a checkpoint's run says something else than the checkpoint. `isLast`
 * is true for the newest checkpoint, which has every change of the run.
 */
export async function configNotes(
  checkpoint: string,
  config: TrainConfig,
  { target, isLast = false }: { target: TargetKind; isLast?: boolean },
): Promise<string[]> {
  const path = runFolder(dirname(dirname(checkpoint))).config;
  if (basename(dirname(checkpoint)) !== CHECKPOINTS || !existsSync(path)) return [];
  const counts = "The checkpoint's configuration counts.";
  let stored: TrainConfig;
  try {
    stored = withoutAuto(parseWith(trainConfig, withSavedNames(await readJson(path)), path), target);
  } catch (error) {
    return [`${(error as Error).message} ${counts}`];
  }
  const ignored: readonly string[] = ["name", ...isLast ? [] : LATER];
  const keys = (Object.keys({ ...stored, ...config }) as (keyof TrainConfig)[]).filter((key) =>
    !ignored.includes(key) && JSON.stringify(stored[key]) !== JSON.stringify(config[key])
  );
  if (keys.length === 0) return [];
  const said = keys.map((key) => `${key} ${JSON.stringify(stored[key])}, not ${JSON.stringify(config[key])}`);
  return [`${path} differs from the checkpoint (${said.join("; ")}). ${counts}`];
}

/**
 * Returns the configuration for a run's report: that of the evaluated checkpoint, with what config.json says
 * of later changes.
 */
export async function reportedConfig(path: string, config: TrainConfig): Promise<TrainConfig> {
  const stored = await readJson(path).then(withSavedNames).catch(() => undefined);
  const result = trainConfig.partial().safeParse(stored);
  if (!result.success) return config;
  const later = LATER.filter((key) => key in result.data).map((key) => [key, result.data[key]]);
  return { ...config, ...Object.fromEntries(later) };
}
