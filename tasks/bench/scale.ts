/** How time and memory of a training grow with rows, lengths and classes. Each size has its own process. */
import { fileURLToPath } from "node:url";
import { UndertoneError } from "../../lib/errors.ts";
import { type Table, tableText } from "../../lib/plot/mod.ts";
import type { Size, Took } from "./scale_alone.ts";

/** The size that the others vary: as many states as 8 s of speech have, as wide as the embedded encoder's. */
const USUAL: Size = { rows: 10_000, length: 100, width: 96, classes: 7 };

/** Fewest rows of a class, so that all classes train. */
const ROWS_OF_CLASS = 10;

/** A size and what its training took: at first, and again with its hidden states in the cache. */
export interface Grown extends Size {
  first: Took;
  again: Took;
}

/** Numbers to measure. Default: usual rows, and few and many of the others. */
export interface Scale {
  rows?: readonly number[];
  lengths?: readonly number[];
  classes?: readonly number[];
}

/**
 * Returns the sizes to measure, each once: these numbers of rows, then the lengths and the classes with as
 * many rows as usual, or as the largest number of rows if that is smaller. Each class has at least ten rows.
 */
export function sizesOf(
  { rows = [USUAL.rows], lengths = [10, 1000], classes = [2, 1000] }: Scale = {},
): Size[] {
  const usual = { ...USUAL, rows: Math.min(USUAL.rows, Math.max(...rows)) };
  const sizes = [
    ...rows.map((rows) => ({ ...usual, rows })),
    ...lengths.map((length) => ({ ...usual, length })),
    ...classes.map((classes) => ({ ...usual, rows: Math.max(usual.rows, ROWS_OF_CLASS * classes), classes })),
  ];
  return [...new Map(sizes.map((size) => [JSON.stringify(size), size])).values()];
}

/** Trains once with an empty cache and once with a full one. The data lie below `outputs` meanwhile. */
export async function grow(size: Size, threads: number, signal?: AbortSignal): Promise<Grown> {
  const folder = await Deno.makeTempDir({ dir: "outputs", prefix: "scale-" });
  try {
    const first = await alone(size, folder, threads, signal);
    return { ...size, first, again: await alone(size, folder, threads, signal) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function alone(size: Size, folder: string, threads: number, signal?: AbortSignal): Promise<Took> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "-P=train", "--allow-run=cat"],
      fileURLToPath(new URL("./scale_alone.ts", import.meta.url)),
      JSON.stringify({ ...size, folder, threads }),
    ],
    stderr: "inherit",
    signal,
  }).output();
  signal?.throwIfAborted();
  if (!success) throw new UndertoneError("The process that trains on the synthetic rows failed", "internal");
  return JSON.parse(new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!);
}

/** Formats what was measured. */
export function scaleText(grown: readonly Grown[], threads: number): string {
  const right = (name: string) => ({ name, align: "right" as const });
  const table: Table = {
    title:
      `Training text_only on synthetic hidden states, with ${threads} threads: seconds, peak memory in MB`,
    columns: [
      ...["rows", "states", "width", "classes", "states in all, GB", "encode, cache", "read cache"].map(
        right,
      ),
      ...["first epoch", "second epoch", "peak", "peak with cache"].map(right),
    ],
    rows: grown.map(({ rows, length, width, classes, first, again }) => [
      ...[rows, length, width, classes].map(String),
      (rows * length * width * 4 / 1e9).toFixed(2),
      ...[first.until_training_s, again.until_training_s, ...again.epoch_s].map((s) => s.toFixed(1)),
      ...[first.peak_mb, again.peak_mb].map((mb) => mb?.toFixed(0) ?? ""),
    ]),
  };
  return tableText(table);
}
