/** `deno task data`: counts the rows of a data set and reports faults that would distort results. */
import { z } from "zod";
import {
  auditDataset,
  auditLines,
  clipWarningsNote,
  type Dataset,
  decodeClips,
  loadDataset,
  type Rejection,
  textOnlyNotes,
} from "../lib/data/mod.ts";
import { badInput } from "../lib/errors.ts";
import { useModules } from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { duration, progress } from "./cli/progress.ts";
import { count, leftOut, tellRejected, typed } from "./cli/show.ts";

const flags = trainConfig.pick({ data: true, encoding: true, columns: true, keep_text: true, use: true })
  .extend({
    decode: z.boolean().default(false).describe(
      "Also decode every clip, on all cores. Exits with code 2 if a row can't be used.",
    ),
  });

export const task: Task = {
  name: "data",
  summary:
    "Counts the rows, labels and clips of a data set, and looks for leaks between its splits. Writes " +
    "nothing.",
  flags,
  examples: [
    ["deno task data --data my/manifest.csv", "before training on it"],
    ["deno task data --data my/manifest.csv --decode", "also finds broken recordings"],
    ["deno task data --data my/manifest.csv --json", "for a script; left_out lists every unusable row"],
  ],

  async run(args, signal, json) {
    if (args[0] === "get") throw elsewhere(args.slice(1));
    const { data, encoding, columns, keep_text: keepText, use, decode } = parseFlags(flags, args);
    await useModules(use);
    const dataset = await loadDataset(data, { encoding, columns, keepText });
    tellRejected(dataset.rejected);
    const audit = auditDataset(dataset);
    for (const line of auditLines(audit)) console.log(line);
    const decoded = decode ? await decodeAll(dataset, { keepText, signal }) : undefined;
    const bad = [...dataset.rejected, ...decoded?.rejected ?? []];
    json({ ...audit, left_out: bad, decoded });
    return decode && bad.length > 0 ? 2 : 0;
  },
};

/** Returns the error that names the task which fetches. */
const elsewhere = (words: readonly string[]) =>
  badInput({
    expected: "a data set on the disk",
    found: "'get', which needs the network,",
    at: "this task, which may neither fetch nor write",
    todo: `Run '${[typed("data-get"), ...words].join(" ")}', which may do both.`,
  });

/** Broken clips that are listed; --json lists all. */
const LISTED = 50;

/** Decodes every clip and tells what is wrong. Returns the counts, the rows that can't
 * be used, and those that keep only their text. */
export async function decodeAll(
  dataset: Dataset,
  { keepText, signal }: { keepText: boolean; signal: AbortSignal },
): Promise<
  { clips: number; seconds: number; broken: number; rejected: Rejection[]; text_only: Rejection[] }
> {
  const line = progress("decode");
  const { clips, seconds, rejected: broken, clipWarnings } = await decodeClips(dataset, {
    signal,
    onProgress: (done, total, bad) => line.update(done, total, bad ? `${bad} broken` : ""),
  }).finally(() => line.end());
  const withText = new Set(dataset.rows.flatMap(({ id, text }) => text === undefined ? [] : [id]));
  const kept = broken.filter(({ id }) => keepText && withText.has(id));
  const rejected = broken.filter((row) => !kept.includes(row));
  const faults = [...new Map(broken.map((row) => [row.at, row])).values()];
  for (const row of faults.slice(0, LISTED)) console.log(`broken: ${leftOut(row).replace("left out: ", "")}`);
  if (faults.length > LISTED) {
    console.log(`… and ${faults.length - LISTED} more; --json lists all`);
  }
  const odd = clipWarningsNote(clipWarnings);
  if (odd) console.log(odd);
  for (const note of textOnlyNotes(kept)) console.log(note);
  console.log(
    `Decoded ${count(clips, "clip")}, ${duration(seconds)} of sound; ${faults.length} broken, in ` +
      `${count(broken.length, "row")}.`,
  );
  return { clips, seconds, broken: faults.length, rejected, text_only: kept };
}

if (import.meta.main) await main(task);
