/** Builds training curves from the events of a run. */
import { headlineMetrics, type Metric } from "../eval/mod.ts";
import { type Curves, curvesFigure, type Figure, type Panel } from "../plot/mod.ts";
import type { EpochEvent, StepEvent } from "../train/mod.ts";
import type { RunEvent } from "./run_event.ts";

/** Most points of a curve: more can't be told apart. */
const MOST_POINTS = 300;

/**
 * Returns loss and dev metrics per epoch, those before a resumption included. If an epoch
 * occurs twice, as in a resumed run, the last event counts. Of a long run, every n-th epoch is shown, and the
 * best and the last.
 */
export function curvesOf(events: readonly { type: string }[], title: string): Curves {
  const epochEvents = events.flatMap((event) => {
    if (event.type === "prepared") return (event as { before?: readonly EpochEvent[] }).before ?? [];
    return event.type === "epoch" ? [event as EpochEvent] : [];
  });
  const all = [...new Map(epochEvents.map((event) => [event.epoch, event])).values()].sort((a, b) =>
    a.epoch - b.epoch
  );
  const best = all.findLast(({ isBest }) => isBest), size = Math.ceil(all.length / MOST_POINTS);
  const epochs = all.filter((event, i) => i % size === 0 || event === best || i === all.length - 1);
  return {
    title,
    epochs: epochs.map(({ epoch }) => epoch + 1),
    best: best && best.epoch + 1,
    panels: [
      {
        title: size > 1 ? `loss, every ${size} epochs` : "loss",
        series: { train: epochs.map(({ trainLoss }) => trainLoss), dev: epochs.map(({ dev }) => dev.loss) },
      },
      ...panelOf("dev", epochs, headlineMetrics().filter(({ percent = true }) => percent), true),
      ...headlineMetrics().filter(({ percent = true }) => !percent)
        .flatMap((metric) => panelOf(`dev ${metric.label}`, epochs, [metric], false)),
    ],
  };
}

/**
 * Returns learning rate and gradient norm over updates. Of a long run, each point is the mean over several
 * updates. A skipped update has no norm. If an update occurs twice, as in a resumed run, the last event
 * counts.
 */
export function updatesOf(events: readonly { type: string }[], title: string): Curves {
  const steps = events.filter((event): event is StepEvent => event.type === "step");
  const last = [...new Map(steps.map((event) => [event.step, event])).values()].sort((a, b) =>
    a.step - b.step
  );
  const size = Math.ceil(last.length / MOST_POINTS) || 1;
  const bins = Array.from(
    { length: Math.ceil(last.length / size) },
    (_, i) => last.slice(i * size, (i + 1) * size),
  );
  const mean = (of: (event: StepEvent) => number | null) =>
    bins.map((bin) => {
      const values = bin.map(of).filter((value) => value !== null);
      return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
    });
  const over = size > 1 ? `, mean of ${size} updates` : "";
  return {
    title,
    axis: "update",
    epochs: bins.map((bin) => bin.at(-1)!.step),
    panels: [
      { title: "learning rate", series: { lr: mean(({ lr }) => lr) } },
      {
        title: `gradient norm before clipping${over}`,
        series: { norm: mean((event) => event.gradientNorm) },
      },
    ],
  };
}

/** Returns a panel of the metrics that any epoch has, or no panel. */
function panelOf(
  title: string,
  epochs: readonly EpochEvent[],
  metrics: readonly Metric[],
  percent: boolean,
): Panel[] {
  const there = metrics.filter(({ id }) => epochs.some(({ dev }) => dev[id] !== undefined));
  const series = there.map(({ id, label }) => [label, epochs.map(({ dev }) => dev[id] ?? null)]);
  return there.length > 0 ? [{ title, series: Object.fromEntries(series), percent }] : [];
}

/**
 * Draws the curves of a run so far, during or after training. The title shows its progress.
 *
 * @example
 * ```ts
 * import { configure, trainingCurves, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * const events = await Array.fromAsync(trainRun(config));
 * await Deno.writeTextFile(`${out}/curves.svg`, trainingCurves(events).svg);
 * ```
 */
export function trainingCurves(events: readonly RunEvent[]): Figure {
  const prepared = events.find((event) => event.type === "prepared");
  const started = events.find((event) => event.type === "started");
  const step = events.findLast((event) => event.type === "step");
  const stopped = events.findLast((event) => event.type === "stopped");
  const total = started && started.epochs * started.stepsPerEpoch;
  const progress = stopped?.step === total
    ? `${total} steps`
    : stopped
    ? `stopped after ${stopped.step} of ${total} steps`
    : step
    ? `step ${step.step} of ${total}`
    : "preparing";
  return curvesFigure(curvesOf(events, `${prepared?.folder.name ?? "training"}: ${progress}`));
}
