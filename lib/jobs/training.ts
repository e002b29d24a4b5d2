/** Trains a prepared run: saves its checkpoints, events, adapters and results in its folder. */
import { disposeParams } from "../nn/mod.ts";
import type { TargetedPlan, TrainConfig } from "../config/mod.ts";
import { appendLine } from "../files/mod.ts";
import { baseNameOf, folderOf, writeAdapter } from "../encoders/mod.ts";
import { type Classifier, loadClassifier, toCheckpoint } from "../model/mod.ts";
import {
  type CheckpointAbout,
  type EpochEvent,
  type Fit,
  saveCheckpoint,
  tensorsOf,
  type TrainEvent,
} from "../train/mod.ts";
import { type Controls, controls } from "./controls.ts";
import { withCuts } from "./cuts.ts";
import { writeDataFacts } from "./data_facts.ts";
import { durationsOf } from "./durations.ts";
import { extensionNotes } from "./extension.ts";
import { labelled } from "./fit.ts";
import type { HeldRun } from "./held_run.ts";
import { normalizeNamed } from "./normalized.ts";
import { type Prepared, rowsRef, withNotes } from "./prepare.ts";
import { outdateResults, writeSplit } from "./results.ts";
import type { RunEvent } from "./run_event.ts";
import type { RunFolder } from "./run_folder.ts";
import { intervals, score } from "./scored.ts";

/** A run that is ready to train. */
export interface Training {
  run: HeldRun;
  plan: TargetedPlan;
  prepared: Prepared;
  model: Classifier;
  training: AsyncGenerator<TrainEvent, void>;
  taken?: Fit;
  modules: CheckpointAbout["modules"];
  extended?: CheckpointAbout["extended"];
  /** The epochs of a resumed run so far. */
  before?: readonly EpochEvent[];
}

/** Trains a run whose folder exists, then writes its results. */
export async function* trainAndSave(
  start: Training,
  options: { controls?: boolean; signal?: AbortSignal },
): AsyncGenerator<RunEvent, void> {
  const { run, plan, model, training, taken, modules, extended, before } = start, { signal } = options;
  const { folder } = run, { config } = plan;
  const prepared = withNotes(start.prepared, [...plan.notes, ...extensionNotes(extended, config)]);
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  using tracker = config.track && new (await import("./tracking/tracker.ts")).Tracker(folder);
  const began = performance.now(), rows = rowsRef(prepared);
  await writeDataFacts(folder, withCuts(prepared, model));
  yield {
    type: "prepared",
    folder,
    config,
    dataset: withCuts(prepared, model),
    rows: { train: rows.train, dev: rows.dev },
    rejected: prepared.rejected.length,
    taken,
    before,
  };
  for await (const event of training) {
    if (event.type !== "checkpoint") {
      await appendLine(folder.events, JSON.stringify(event));
      tracker?.tell(event);
    }
    if (event.type === "checkpoint") {
      await run.requireHeld();
      const checkpoint = await toCheckpoint(model, config, { rows, modules, extended }, await event.state());
      // Saves the best first: a run killed in between repeats the epoch and writes both.
      if (event.isBest) {
        await saveCheckpoint(folder.best, { ...checkpoint, state: undefined });
        await outdateResults(folder);
      }
      await saveCheckpoint(folder.last, checkpoint);
      await run.settle();
    }
    yield event;
    if (event.type === "stopped" && event.reason === "aborted") return;
  }
  const beside = options.controls === false
    ? undefined
    : yield* asRunEvents(controls(prepared, plan, signal));
  if (signal?.aborted) return;
  await run.requireHeld();
  const best = (await loadClassifier(folder.best)).model;
  await writeAdapters(folder, best, config);
  const dev = labelled(prepared.examples.dev), { rows: scored, metrics } = await score(best, dev, signal);
  disposeParams(best.params);
  const result = await writeSplit(folder, "dev", prepared.dataset, scored, {
    metrics,
    ...intervals(scored, prepared.dataset, config.protocol),
    chosen_by: config.select,
    controls: beside,
    ...normalizeNamed(model, config),
  }, { config, seconds: durationsOf(dev, best) });
  await tracker?.addFigures();
  yield { type: "result", folder, result, seconds: (performance.now() - began) / 1000 };
}

/** Writes each encoder's LoRA matrices to `adapters/<modality>` in peft's format. */
async function writeAdapters(
  folder: RunFolder,
  { modelEncoders }: Classifier,
  { lora }: TrainConfig,
): Promise<void> {
  if (!lora) return;
  for (const [modality, { id, params }] of Object.entries(modelEncoders)) {
    await writeAdapter(folder.file(`adapters/${modality}`), {
      options: lora,
      base: baseNameOf(folderOf(id)),
      tensors: await tensorsOf(params),
    });
  }
}

/** Yields the control's events as run events, and returns its result. */
async function* asRunEvents(
  training: AsyncGenerator<TrainEvent, Controls>,
): AsyncGenerator<RunEvent, Controls> {
  for (;;) {
    const { done, value } = await training.next();
    if (done) return value;
    yield { type: "control", event: value };
  }
}
