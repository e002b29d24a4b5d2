/** The epochs of a run, and its predictions, as plain records: one for each row of a frame. */
import { existsSync } from "node:fs";
import type { Split } from "../../data/mod.ts";
import { badInput } from "../../errors.ts";
import type { EpochEvent, StepEvent } from "../../train/mod.ts";
import { readCells } from "../predictions.ts";
import { readEvents } from "../results.ts";
import type { RunFolder } from "../run_folder.ts";
import type { FrameRecord } from "./records.ts";

/**
 * Returns a record for each epoch, from the run's events: losses, dev metrics, and of its last update the
 * learning rate and the gradient norm. Epochs count from 1. Throws UndertoneError if no epoch has ended.
 */
export async function epochRecords(folder: RunFolder): Promise<FrameRecord[]> {
  const events = await readEvents(folder);
  const steps = new Map(
    events.filter((event): event is StepEvent => event.type === "step").map((event) => [event.step, event]),
  );
  const epochs = new Map( // a killed run may have repeated one
    events.filter((event): event is EpochEvent => event.type === "epoch").map((
      event,
    ) => [event.epoch, event]),
  );
  if (epochs.size === 0) {
    throw badInput({
      expected: "the events of an epoch",
      found: existsSync(folder.events) ? "none" : "no such file",
      at: folder.events,
      todo: "Train the run for an epoch.",
    });
  }
  return [...epochs.values()].map(({ epoch, step, trainLoss, dev: { loss, ...metrics }, isBest }) => ({
    epoch: epoch + 1,
    step,
    train_loss: trainLoss,
    dev_loss: loss,
    ...metrics,
    lr: steps.get(step)?.lr,
    gradient_norm: steps.get(step)?.gradientNorm,
    best_so_far: isBest,
  }));
}

/** Columns of predictions that hold numbers. All others hold text, even if it looks like a number. */
const NUMBERS = /^(p_|predicted:|label:|has:|value:|seconds$)/;

/** Returns a record for each prediction on a split. Throws UndertoneError if the run has none. */
export async function predictionRecords(folder: RunFolder, split: Split): Promise<FrameRecord[]> {
  const path = folder.predictions(split);
  if (!existsSync(path)) {
    throw badInput({
      expected: `predictions on ${split}`,
      found: "none",
      at: path,
      todo: `Make them with: deno task evaluate --run ${folder.path} --split ${split}`,
    });
  }
  const rows = readCells(await Deno.readTextFile(path), path);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, cell]) => [
        column,
        cell === "" ? null : NUMBERS.test(column) ? Number(cell) : cell,
      ]),
    )
  );
}
