/**
 * Writes progress with ETA to stderr: one line that is redrawn on a terminal, or a new line every few seconds
 * elsewhere. A job that has shown a line also shows its end.
 */

import { shown } from "./output.ts";

export interface Progress {
  update(done: number, total: number, detail?: string): void;
  /** Keeps the last line and starts a new one. */
  end(): void;
}

export interface Sink {
  terminal: boolean;
  columns: number;
  write(text: string): void;
}

export const stderr: Sink = {
  get terminal() {
    return Deno.stderr.isTerminal();
  },
  get columns() {
    return Deno.consoleSize().columns || 80; // 0 if a terminal does not know its size
  },
  write: (text) => {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  },
};

/**
 * Shows the progress of the job `label`. `counted` formats the counts. Tests pass their own clock (ms) and
 * sink.
 */
export function progress(
  label: string,
  sink: Sink = stderr,
  now: () => number = () => performance.now(),
  counted: (done: number, total: number) => string = (done, total) => `${done}/${total}`,
): Progress {
  const started = now(), interval = sink.terminal ? 100 : 5000;
  let last = sink.terminal ? -Infinity : started, line = "", first: number | undefined, isOver = false;
  return {
    update(done, total, detail = "") {
      if (shown.quiet) return;
      first ??= done; // resumed and cached work does not count for the speed
      const time = now(), finished = done >= total;
      if (finished && isOver && !sink.terminal) return; // it is said once
      if (time - last < interval && !(finished && (sink.terminal || line))) return;
      isOver = finished;
      last = time;
      const elapsed = (time - started) / 1000, speed = (done - first) / Math.max(elapsed, 1e-9);
      const eta = finished
        ? `in ${duration(elapsed)}`
        : speed > 0
        ? `ETA ${duration((total - done) / speed)}`
        : "";
      const parts = [bar(done / Math.max(total, 1)), counted(done, total), eta, detail].filter(Boolean);
      line = `${label} ${parts.join("  ")}`;
      if (sink.terminal) sink.write(`\r\x1b[2K${line.slice(0, sink.columns - 1)}`);
      else sink.write(line + "\n");
    },
    end() {
      if (sink.terminal && line) sink.write("\n");
      line = "";
    },
  };
}

/** Returns a bar: `███░░░ 50%`. */
export function bar(share: number, width = 24): string {
  const full = Math.round(Math.min(1, share) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${String(Math.round(share * 100)).padStart(3)}%`;
}

/** Formats seconds: 4.2 s, 3 min 05 s, 2 h 10 min. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
