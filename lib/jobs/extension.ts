/** A run that is extended by more epochs than it was planned for. */
import { existsSync } from "node:fs";
import { badInput } from "../errors.ts";
import type { TrainConfig } from "../config/mod.ts";
import { type CheckpointAbout, exhausted, type TrainState } from "../train/mod.ts";
import { readResults } from "./results.ts";
import { MODULES, type RunFolder } from "./run_folder.ts";
import { keptModules, type UsedModule, useFlags } from "./user_modules.ts";

/**
 * Prepares the state of a run for more epochs, and returns all numbers of epochs that it was planned for
 * before. Throws UndertoneError if `epochs` is fewer than planned.
 */
export function extend(
  state: TrainState,
  { epochs: planned, patience }: TrainConfig,
  epochs = planned,
  { folder, before = [] }: { folder: RunFolder; before?: readonly number[] },
): number[] | undefined {
  if (epochs < planned) {
    throw badInput({
      expected: `more than the ${planned} epochs that the run was planned for`,
      found: `--epochs ${epochs}`,
      at: folder.path,
      todo: "Give more, or leave --epochs out.",
    });
  }
  const all = epochs === planned ? [...before] : [...before, planned];
  if (epochs > planned && exhausted(state.early, patience)) state.early.waited = 0;
  return all.length > 0 ? all : undefined;
}

/**
 * Throws UndertoneError if a run has neither epochs left nor results to write. This needs none of the user's
 * code; the commands that the error advises name the run's copies of its `modules`.
 */
export async function requireUnfinished(
  folder: RunFolder,
  { epoch, early }: TrainState,
  { epochs, patience }: TrainConfig,
  modules: readonly UsedModule[] = [],
): Promise<void> {
  const stopped = exhausted(early, patience);
  if (epoch < epochs && !stopped) return;
  const { dev } = await readResults(folder);
  if (!dev || dev.outdated || !existsSync(folder.report)) return;
  const copies = await keptModules(modules, folder.file(MODULES));
  const use = modules.length > 0 ? ` ${useFlags(modules.map(({ path }, i) => copies[i] ?? path))}` : "";
  throw badInput({
    expected: "a run with epochs left",
    found: `one that finished ${epoch} of its ${epochs} epochs` +
      (stopped ? `, after ${patience} without a better one` : ""),
    at: folder.path,
    todo:
      `Train it further with --resume ${folder.path} --epochs ${2 * epochs}${use}, or evaluate it with: ` +
      `deno task evaluate --run ${folder.path}${use}`,
  });
}

/** Returns the note on a run that was extended, if it was. */
export const extensionNotes = (extended: CheckpointAbout["extended"], { epochs }: TrainConfig): string[] =>
  extended
    ? [
      `This run was extended from ${
        extended.join(", then ")
      } to ${epochs} epochs: its learning rates are not ` +
      `those of a run that was planned for ${epochs} from the start.`,
    ]
    : [];
