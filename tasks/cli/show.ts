/** Shows jobs in a terminal: turns their events into progress lines. */
import { existsSync } from "node:fs";
import type { Rejection } from "../../lib/data/mod.ts";
import type { EncodeProgress } from "../../lib/encoders/mod.ts";
import { headlineMetrics } from "../../lib/eval/mod.ts";
import type { RunEvent } from "../../lib/jobs/mod.ts";
import { count } from "../../lib/errors.ts";
import { namesText } from "../../lib/target.ts";
import { shown, tell, tellNotes } from "./output.ts";
import { duration, type Progress, progress, type Sink } from "./progress.ts";

export { count };

/** Returns the command line of another task, with npx if this one was started with npx. */
export const typed = (task: string): string => {
  const byNpx = Deno.env.get("npm_command") === "exec";
  return `${byNpx ? `npx -y deno@${Deno.version.deno}` : "deno"} task ${task}`;
};

const SHOWN = 5;

/**
 * Prints the first unusable rows with their reasons, and their number. `listed` is the file that lists them
 * all.
 */
export function tellRejected(rejected: readonly Rejection[], listed?: string): void {
  const most = shown.verbose ? rejected.length : SHOWN;
  for (const rejection of rejected.slice(0, most)) console.error(leftOut(rejection));
  if (rejected.length > most || (listed && rejected.length > 0)) {
    tellNotes([
      `${count(rejected.length, "row")} can't be used; ` +
      (listed ? `${listed} lists them` : "--verbose shows them all"),
    ]);
  }
}

/**
 * Formats an unusable row as a line. If the reason already names the place, the line starts with the id
 * instead.
 */
export const leftOut = ({ id, at, reason }: Rejection): string =>
  `left out: ${reason.includes(at) ? id : at}: ${reason}`;

/**
 * Shows the progress of encoding and of reading, a line for each modality; silent if everything was cached.
 * Disposing ends the line. Tests pass their own sink.
 */
export function encodeProgress(sink?: Sink): Disposable & { update(p: EncodeProgress): void; end(): void } {
  let line: Progress | undefined, label: string | undefined;
  const end = () => {
    line?.end();
    line = label = undefined;
  };
  return {
    update(p) {
      if (p.cached === p.total) return;
      const what = `${p.isReading ? "read" : "encode"} ${p.modality === "audio" ? "speech" : "text"}`;
      if (what !== label) {
        end();
        label = what;
        line = progress(what, sink);
      }
      const cached = p.cached ? `${p.cached} from cache` : "";
      line!.update(p.done, p.total, [`${Math.round(p.perSecond)}/s`, cached].filter(Boolean).join(", "));
    },
    end,
    [Symbol.dispose]: end,
  };
}

/**
 * Shows a run's events: its data, a progress bar over all steps, and a line for each epoch. Disposing ends
 * the last line.
 */
export function trainProgress(): Disposable & { show(event: RunEvent): void; folder(): string | undefined } {
  let folder: string | undefined, line: Progress | undefined, steps = 0, epochs = 0, method = "";
  return {
    folder: () => folder,
    [Symbol.dispose]: () => line?.end(),
    show(event) {
      if (event.type === "prepared") {
        const { config, dataset, rows, rejected } = event;
        folder = event.folder.path;
        method = config.method;
        tellNotes(dataset.notes);
        if (rejected) {
          tellNotes([
            `${count(rejected, "row")} can't be used; the reasons ` +
            (existsSync(event.folder.last)
              ? `are in ${event.folder.rejected}`
              : `stay in ${event.folder.rejected} once the first epoch is done`),
          ]);
        }
        if (event.taken) {
          const { taken, missing, misshaped } = event.taken;
          tell(
            `init: ${count(taken.length, "tensor")} taken from the checkpoint, ${
              missing.length + misshaped.length
            } left at their initial values`,
          );
        }
        tell(
          `${method} on ${dataset.name}: ${rows.train} train and ${rows.dev} dev rows, ` +
            `${
              namesText(dataset.target, dataset.labels.length)
            }; text ${config.text}, speech ${config.audio}, seed ${config.seed}`,
        );
      } else if (event.type === "started") {
        ({ epochs } = event);
        const [trained, all] = [event.trainableParameters, event.parameters].map((n) =>
          n.toLocaleString("en")
        );
        tell(trained === all ? `${all} parameters` : `${trained} of ${all} parameters train`);
        steps = event.stepsPerEpoch * epochs;
        line = progress("train");
        line.update(event.step, steps);
      } else if (event.type === "step") {
        line?.update(
          event.step,
          steps,
          `loss ${event.loss.toFixed(3)}  ${Math.round(event.rowsPerSecond)} rows/s`,
        );
      } else if (event.type === "epoch") {
        line?.end();
        tell(epochLine(event, epochs));
      } else if (event.type === "control") {
        if (event.event.type === "started") {
          line?.end();
          line = progress("control: text only");
          steps = event.event.stepsPerEpoch * event.event.epochs;
        } else if (event.event.type === "step") line?.update(event.event.step, steps);
        else if (event.event.type === "stopped") line?.end();
      } else if (event.type === "stopped") {
        line?.end();
        if (event.reason === "patience") tell("stopped early: dev did not improve");
        if (event.skippedSteps) {
          tell(
            `${count(event.skippedSteps, "update")} skipped: a gradient overflowed half precision` +
              (event.skippedSteps === event.step ? "; the run trained nothing, as no other was made" : ""),
          );
        }
        if (event.compiles) {
          tell(`${count(event.compiles, "graph")} compiled in ${event.compileSeconds!.toFixed(1)} s`);
        }
      } else if (event.type === "result") tell(`done in ${duration(event.seconds)}\n`);
    },
  };
}

function epochLine(
  { epoch, trainLoss, dev, isBest }: Extract<RunEvent, { type: "epoch" }>,
  epochs: number,
): string {
  const shown = headlineMetrics().flatMap(({ id, label, percent = true }) => {
    const value = dev[id];
    if (value === undefined) return [];
    if (value === null) return [`${label} undefined`];
    return [`${label} ${percent ? (100 * value).toFixed(1).padStart(5) : value.toFixed(3)}`];
  });
  return [
    `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`,
    `train loss ${trainLoss.toFixed(3)}`,
    `dev loss ${dev.loss?.toFixed(3)}`,
    ...shown,
    ...isBest ? ["best"] : [],
  ].join("  ");
}
