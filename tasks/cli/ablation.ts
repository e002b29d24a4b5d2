/** Shows a running ablation: a table that is redrawn on a terminal, or a line per finished cell elsewhere. */
import {
  areClasses,
  formatted,
  KINDS,
  metricNamed,
  metricValue,
  type Scores,
  spread,
} from "../../lib/eval/mod.ts";
import type { AblationCell } from "../../lib/config/mod.ts";
import { count } from "../../lib/errors.ts";
import { type AblateEvent, ablationSoFar } from "../../lib/jobs/mod.ts";
import { tableText } from "../../lib/plot/mod.ts";
import { shown } from "./output.ts";
import { bar, duration, type Sink, stderr } from "./progress.ts";

/** The progress of a cell. */
export interface Track {
  cell: Pick<AblationCell, "id" | "recipe">;
  /** Share of its training that is done; 1 only after it is evaluated. */
  progress: number;
  /**
   * Clock at its start in ms; `seconds` is its whole duration. Both are undefined if the cell was trained
   * before.
   */
  started?: number;
  seconds?: number;
  /** Loss and speed. */
  detail?: string;
}

/**
 * Returns a display of the events as they come. `headed` is false if the number of cells was told before.
 * Tests pass their own clock (ms) and sink.
 */
export function ablationProgress(
  sink: Sink = stderr,
  now: () => number = () => performance.now(),
  headed = true,
) {
  const milestones: AblateEvent[] = [];
  let tracks: Track[] = [], running: Track | undefined, height = 0, last = -Infinity;
  const trackOf = (cell: AblationCell) => tracks.find((track) => track.cell === cell)!;

  const line = () => {
    const left = secondsLeft(tracks, now());
    const parts = [
      bar(tracks.reduce((sum, { progress }) => sum + progress, 0) / tracks.length),
      `${tracks.filter(({ progress }) => progress === 1).length}/${tracks.length} cells`,
      left ? `ETA ${duration(left)}` : "",
      running?.detail ? `${running.cell.id}: ${running.detail}` : "",
    ];
    return parts.filter(Boolean).join("  ");
  };
  const draw = () => {
    if (!sink.terminal || shown.quiet) return;
    last = now();
    const table = tableText(ablationSoFar(milestones), false).trimEnd().split("\n");
    const lines = [...table, line()].map((text) => text.slice(0, sink.columns - 1));
    sink.write(`${height > 0 ? `\x1b[${height}A` : ""}\r\x1b[J${lines.join("\n")}\n`);
    height = lines.length;
  };

  return {
    show(event: AblateEvent): void {
      if (shown.quiet) return;
      if (event.type === "planned") {
        milestones.push(event);
        tracks = event.cells.map((cell) => ({ cell, progress: 0 }));
        const inState = (state: string) => event.states.filter((s) => s === state).length;
        if (headed) {
          sink.write(
            `${count(tracks.length, "cell")} in ${event.folder}` +
              (inState("done") ? `, ${inState("done")} trained before` : "") +
              (inState("started") ? `, ${inState("started")} to continue` : "") + "\n",
          );
        }
        const differing = new Map(event.cells.map(({ recipe, differs }) => [recipe, differs]));
        for (const [recipe, differs] of differing) if (differs) sink.write(`  ${recipe}: ${differs}\n`);
      } else if (event.type === "cell") {
        running = trackOf(event.cell);
        running.started ??= now();
        if (event.event.type !== "step") return;
        const { progress, loss, rowsPerSecond } = event.event;
        running.progress = Math.min(progress, 0.999);
        running.detail = `loss ${loss.toFixed(3)}, ${Math.round(rowsPerSecond)} rows/s`;
        if (now() - last >= 100) draw();
      } else if (event.type === "trained") {
        milestones.push(event);
        const track = trackOf(event.cell), { started } = track;
        running = undefined;
        track.progress = 1;
        track.seconds = started === undefined ? undefined : (now() - started) / 1000;
        draw();
        if (!sink.terminal && !event.before) sink.write(`${finished(track, event.dev)}  ${line()}\n`);
      } else if (event.type === "tested" && event.done === event.total) {
        sink.write(`test read by ${count(event.total, "cell")}\n`);
      }
    },
  };
}

function finished({ cell, seconds = 0 }: Track, dev: Scores): string {
  const { headline, select } = KINDS[areClasses(dev) ? "class" : dev.target];
  const shown = [...new Set([headline, select])].map((id) => {
    const metric = metricNamed(id, "the kind of target");
    return `${metric.label} ${formatted(metric, metricValue(dev, id) ?? null).replace(" %", "")}`;
  });
  return `${cell.id}: dev ${shown.join(", ")}, in ${duration(seconds)}`;
}

/**
 * Estimates the seconds until all cells are trained. Each cell is assumed to take as long as the mean of its
 * recipe's cells, or of all cells if none of its recipe has a time. Returns undefined if no cell has a time.
 */
export function secondsLeft(tracks: readonly Track[], now: number): number | undefined {
  const whole = ({ seconds, started, progress }: Track) =>
    seconds ?? (started !== undefined && progress > 0.02 ? (now - started) / 1000 / progress : undefined);
  const mean = (some: readonly Track[]) => {
    const known = some.flatMap((track) => whole(track) ?? []);
    return known.length > 0 ? spread(known).mean : undefined;
  };
  const any = mean(tracks);
  if (any === undefined) return undefined;
  return tracks.reduce((sum, track) => {
    const alike = tracks.filter(({ cell }) => cell.recipe === track.cell.recipe);
    return sum + (1 - track.progress) * (mean(alike) ?? any);
  }, 0);
}
