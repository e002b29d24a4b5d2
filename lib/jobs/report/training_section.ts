/** The section on how a run trained. */
import { allMetrics } from "../../eval/mod.ts";
import { curvesFigure, type Section } from "../../plot/mod.ts";
import { count } from "../../errors.ts";
import type { StoppedEvent } from "../../train/mod.ts";
import { curvesOf, updatesOf } from "../curves.ts";
import type { Material } from "./material.ts";

/**
 * Returns the section: loss and dev metrics of each epoch, learning rate and gradient norm of each update.
 */
export function trainingSection({ name, events, config }: Material): Section {
  const epochs = curvesOf(events, `${name}: loss and dev metrics`);
  const updates = updatesOf(events, `${name}: learning rate and gradient`);
  const stopped = events.findLast((event) => event.type === "stopped");
  const started = events.find((event) => event.type === "started");
  return {
    title: "Training",
    texts: [
      ...started
        ? [
          `${started.trainableParameters.toLocaleString("en")} of ${
            started.parameters.toLocaleString("en")
          } ` +
          `parameters train, ${started.stepsPerEpoch} updates an epoch.`,
        ]
        : [],
      ...stopped ? [stoppedText(stopped, epochs.best, config.select)] : [],
    ],
    figures: [
      ...epochs.epochs.length > 0 ? [curvesFigure(epochs)] : [],
      ...updates.epochs.length > 0 ? [curvesFigure(updates)] : [],
    ],
  };
}

function stoppedText(
  { reason, step, compiles, compileSeconds, skippedSteps }: StoppedEvent,
  best: number | undefined,
  select: string,
): string {
  const label = allMetrics().find(({ id }) => id === select)?.label ?? select;
  const why = {
    finished: "All epochs were trained",
    patience: "The training stopped early, because dev did not improve",
    aborted: "The training was stopped",
  }[reason];
  return `${why}: ${step.toLocaleString("en")} updates.` +
    (best === undefined ? "" : ` Epoch ${best} was kept, chosen by ${label} on dev.`) +
    (skippedSteps
      ? ` ${skippedSteps === step ? "All" : count(skippedSteps, "update")} changed nothing, because a ` +
        `gradient overflowed half precision.${skippedSteps === step ? " The run trained nothing." : ""}`
      : "") +
    (compiles ? ` ${count(compiles, "graph")} compiled in ${compileSeconds!.toFixed(1)} s.` : "");
}
