/** A training's curves, from what it has told. */
import { type Curves, curvesFigure, type Figure } from "../plot/mod.ts";
import type { EpochEvent } from "../train/events.ts";
import type { RunEvent } from "./run_event.ts";

/** Loss and dev metrics per epoch; the last telling of an epoch counts (a resumed run tells twice). */
export function curvesOf(events: readonly { type: string }[], title: string): Curves {
  const told = events.filter((event): event is EpochEvent => event.type === "epoch");
  const epochs = [...new Map(told.map((event) => [event.epoch, event])).values()].sort((a, b) =>
    a.epoch - b.epoch
  );
  const of = (metric: string) => epochs.map(({ dev }) => dev[metric]);
  const best = epochs.findLast(({ isBest }) => isBest);
  return {
    title,
    epochs: epochs.map(({ epoch }) => epoch + 1),
    best: best && best.epoch + 1,
    panels: [
      { title: "loss", series: { train: epochs.map(({ trainLoss }) => trainLoss), dev: of("loss") } },
      {
        title: "dev",
        series: { accuracy: of("accuracy"), "weighted F1": of("weighted_f1"), "macro F1": of("macro_f1") },
        percent: true,
      },
    ],
  };
}

/** The curves of a run so far, headed by how far it is: to look at while it trains, and after. */
export function trainingCurves(events: readonly RunEvent[]): Figure {
  const prepared = events.find((event) => event.type === "prepared");
  const started = events.find((event) => event.type === "started");
  const step = events.findLast((event) => event.type === "step");
  const stopped = events.findLast((event) => event.type === "stopped");
  const total = started && started.epochs * started.stepsPerEpoch;
  const where = stopped?.step === total
    ? `${total} steps`
    : stopped
    ? `stopped after ${stopped.step} of ${total} steps`
    : step
    ? `step ${step.step} of ${total}`
    : "preparing";
  return curvesFigure(curvesOf(events, `${prepared?.folder.name ?? "training"}: ${where}`));
}
