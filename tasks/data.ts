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
import { useModules } from "../lib/jobs/mod.ts";
import { labelReading, trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { duration, progress } from "./cli/progress.ts";
import { count, leftOut, tellRejected } from "./cli/show.ts";

const read = { data: true, encoding: true, columns: true, labels: true, keep_text: true, use: true } as const;

const flags = trainConfig.pick(read)
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
    ["deno task data --data my/manifest.csv --labels.map iemocap-4", "as a run with these labels reads it"],
    ["deno task data --data my/manifest.csv --json", "for a script; left_out lists every unusable row"],
  ],

  async run(args, signal, json) {
    const { data, encoding, columns, labels, keep_text: keepText, use, decode } = parseFlags(flags, args);
    await useModules(use);
    const dataset = await loadDataset(data, { encoding, columns, ...labelReading({ labels }), keepText });
    tellRejected(dataset.rejected);
    const audit = auditDataset(dataset);
    for (const line of auditLines(audit)) console.log(line);
    const decoded = decode ? await decodeAll(dataset, { keepText, signal }) : undefined;
    const bad = [...dataset.rejected, ...decoded?.rejected ?? []];
    json({ ...audit, left_out: bad, decoded });
    return decode && bad.length > 0 ? 2 : 0;
  },
};

/** Broken clips that are listed; --json lists all. */
const LISTED = 50;

/** Decodes every clip and tells what is wrong. Returns the counts, the rows that can't
 * be used, and those that keep only their text. */
async function decodeAll(
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
