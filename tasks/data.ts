/** `deno task data`: counts the rows of a data set and reports faults that would distort results. */
import { z } from "zod";
import {
  auditDataset,
  auditFolds,
  auditLines,
  clipWarningsNote,
  contextNotes,
  type ContextOptions,
  type Dataset,
  decodeClips,
  type Fold,
  foldsAuditLines,
  loadDataset,
  loadFolds,
  type Rejection,
  textOnlyNotes,
} from "../lib/data/mod.ts";
import { badInput } from "../lib/errors.ts";
import { runsFolds, useModules } from "../lib/jobs/mod.ts";
import { labelReading, trainConfig } from "../lib/config/mod.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";
import { duration, progress } from "./cli/progress.ts";
import { count, leftOut, tellRejected, typed } from "./cli/show.ts";

const read = {
  data: true,
  encoding: true,
  columns: true,
  pattern: true,
  labels: true,
  target: true,
  keep_text: true,
  use: true,
  protocol: true,
  fold: true,
  context: true,
} as const;

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
    "nothing but the clips of parquet files, which it unpacks into outputs/cache.",
  flags,
  examples: [
    ["deno task data --data my/manifest.csv", "before training on it"],
    [
      "deno task data --data files:my/clips --pattern '{speaker}_{sentence}_{label}'",
      "a folder of clips whose names say their label",
    ],
    ["deno task data --data my/manifest.csv --decode", "also finds broken recordings"],
    ["deno task data --data my/manifest.csv --labels.map iemocap-4", "as a run with these labels reads it"],
    ["deno task data --data my/manifest.csv --protocol kfold:5", "shows the folds and their faults"],
    ["deno task data --data my/manifest.csv --json", "for a script; left_out lists every unusable row"],
  ],

  async run(args, signal, json) {
    if (args[0] === "get") throw elsewhere(args.slice(1));
    const given = parseFlags(flags, args);
    const { data, encoding, columns, pattern, labels, target, keep_text: keepText, use, decode } = given;
    const { protocol, fold, context } = given;
    await useModules(use);
    const reading = { encoding, columns, pattern, target, ...labelReading({ labels }), keepText };
    const { dataset, audit, lines } = runsFolds(given)
      ? ofFolds(await loadFolds(data, { ...reading, protocol }), given)
      : ofSplits(await loadDataset(data, { ...reading, protocol, fold }), context);
    tellRejected(dataset.rejected);
    for (const line of lines) console.log(line);
    const decoded = decode ? await decodeAll(dataset, { keepText, signal }) : undefined;
    const bad = [...dataset.rejected, ...decoded?.rejected ?? []];
    json({ ...audit, left_out: bad, decoded });
    return decode && bad.length > 0 ? 2 : 0;
  },
};

/** Audits one division. */
function ofSplits(dataset: Dataset, context?: ContextOptions) {
  const audit = auditDataset(dataset), around = contextNotes(dataset.rows, context);
  return {
    dataset,
    audit: { ...audit, ...context && { context: around } },
    lines: [...auditLines(audit), ...around],
  };
}

/** Audits all folds of a protocol. The data set has the rows of all folds. */
function ofFolds(
  folds: readonly Fold[],
  { protocol, context }: { protocol: string; context?: ContextOptions },
) {
  const audit = auditFolds(folds, context), rows = folds.flatMap(({ dataset }) => dataset.rows);
  return {
    dataset: { ...folds[0].dataset, rows: [...new Map(rows.map((row) => [row.id, row])).values()] },
    audit: { protocol, ...audit },
    lines: [
      `${protocol}: ${count(folds.length, "fold")} of ${count(audit.rows, "row")}`,
      ...foldsAuditLines(audit),
    ],
  };
}

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
