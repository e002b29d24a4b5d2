/** How far a run is, from its events. */
import { existsSync } from "node:fs";
import type { RunFolder } from "../run_folder.ts";

/** What the events of a run tell. */
export interface Progress {
  /** Number of epochs that have ended. */
  epochs: number;
  /** Whether the training ended by itself, and was not extended since. */
  ended: boolean;
  /** Dev metrics of the best epoch so far. */
  best?: Record<string, number | null>;
}

interface Line {
  type?: unknown;
  epoch?: unknown;
  reason?: unknown;
  isBest?: unknown;
  dev?: Record<string, unknown>;
}

/** Reads the events of a run. Returns undefined if it has none. */
export async function progressOf({ events }: RunFolder): Promise<Progress | undefined> {
  if (!existsSync(events)) return undefined;
  const progress: Progress = { epochs: 0, ended: false };
  for (const line of (await Deno.readTextFile(events)).split("\n")) {
    if (line === "" || line.startsWith('{"type":"step"')) continue; // most lines
    const { type, epoch, reason, isBest, dev } = parsed(line) ?? {};
    if (type === "stopped") progress.ended = reason !== "aborted";
    if (type === "extended") progress.ended = false;
    if (type !== "epoch" || typeof epoch !== "number") continue;
    progress.epochs = Math.max(progress.epochs, epoch + 1);
    if (isBest && dev) progress.best = numbersIn(dev);
  }
  return progress;
}

/** Returns the metrics that are numbers or undefined. */
const numbersIn = (dev: Record<string, unknown>): Progress["best"] =>
  Object.fromEntries(
    Object.entries(dev).flatMap(([id, value]) =>
      value === null || typeof value === "number" ? [[id, value]] : []
    ),
  );

function parsed(line: string): Line | undefined {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined; // a killed run leaves a truncated last line
  }
}
