/** Results as danfo.js data frames, for notebooks. */
import { badInput } from "../../errors.ts";
import type { Split } from "../../data/mod.ts";
import type { Table } from "../../plot/mod.ts";
import type { AblationResults } from "../ablation/table.ts";
import type { CrossCell, CrossResults } from "../cross/results.ts";
import type { FoldsResults } from "../folds/results.ts";
import type { Prediction } from "../predictions.ts";
import type { RunFolder } from "../run_folder.ts";
import type { RunList } from "../runs/list.ts";
import type { RunSummary } from "../runs/summary.ts";
import { danfo, type Frame } from "./danfo.ts";
import { type FrameRecord, recordsOf } from "./records.ts";
import { epochRecords, predictionRecords } from "./run_records.ts";

/** What `frame` takes. */
export type Framed =
  | AblationResults
  | FoldsResults
  | CrossResults
  | RunList
  | RunFolder
  | Table
  | readonly (Prediction | CrossCell | RunSummary | FrameRecord)[];

/**
 * Returns results as a data frame of danfo.js, which has `describe`, `groupby`, `query`, `sortValues` and
 * more. In a notebook's cell it is shown as a table. Its rows are:
 *
 * - of an ablation or of folds, one for each recipe, split or fold, and seed, with a column for each metric;
 * - of a matrix of corpora or of its `cells`, one for each pair of corpora and seed;
 * - of predictions, one each; of a list of runs, one each; of a table, its rows;
 * - of a run, its epochs, with the loss, dev metrics, learning rate and gradient norm.
 *
 * A missing number is NaN, and every mean, deviation and count leaves it out. The first call loads danfo.js.
 * Throws UndertoneError if there are no rows.
 *
 * @example
 * ```ts
 * import { configure, frame, infer, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { predictions } = await infer(`${out}/first`, {
 *   rows: [{ id: "1", split: "test", text: "We won!" }, { id: "2", split: "test", text: "Get out!" }],
 *   root: ".",
 * });
 * const table = await frame(predictions);
 * table.groupby(["predicted"]).col(["p_joy"]).mean().print();
 * ```
 */
export const frame = async (source: Framed): Promise<Frame> =>
  "events" in source ? await runFrame(source) : await frameOf(recordsOf(source));

/** Returns the epochs of a run, or its predictions on a split, as a frame. */
export async function runFrame(run: RunFolder, split?: Split): Promise<Frame> {
  return await frameOf(split ? await predictionRecords(run, split) : await epochRecords(run));
}

async function frameOf(records: readonly FrameRecord[]): Promise<Frame> {
  if (records.length === 0) {
    throw badInput({
      expected: "results with a row",
      found: "none",
      at: "frame",
      todo: "Give results, predictions, a list of runs, a table or a run.",
    });
  }
  const { DataFrame } = await danfo();
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const types = columns.map((column) => typeOf(records.map((record) => record[column] ?? null)));
  const values = records.map((record) =>
    columns.map((column, i) => record[column] ?? (types[i] === "float32" ? NaN : null))
  );
  return new DataFrame(values, { columns, dtypes: types }) as unknown as Frame;
}

/** Returns the type of a column. A column without any value holds missing numbers. */
function typeOf(values: readonly (string | number | boolean | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.some((value) => typeof value === "string")) return "string";
  if (known.length > 0 && known.every((value) => typeof value === "boolean")) return "boolean";
  return known.length === values.length && known.every((value) => Number.isInteger(value))
    ? "int32"
    : "float32";
}
