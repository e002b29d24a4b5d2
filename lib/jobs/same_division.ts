/** Refuses to score a run on rows that were in another split when it was trained. */
import { parse } from "csv-parse/sync";
import type { Dataset } from "../data/mod.ts";
import { badInput } from "../errors.ts";
import type { RunFolder } from "./run_folder.ts";

/**
 * Throws UndertoneError if rows that were dev rows of the run are now in another split. Rows move if a file
 * changes, or if another version divides a file without splits. Its train rows could then be scored as test.
 */
export async function requireSameDivision(folder: RunFolder, { rows, source }: Dataset): Promise<void> {
  const text = await Deno.readTextFile(folder.predictions("dev")).catch(() => undefined);
  if (text === undefined) return; // a run that did not end
  const dev = new Set((parse(text, { columns: true }) as { id: string }[]).map(({ id }) => id));
  const moved = rows.filter(({ id, split }) => dev.has(id) && split !== "dev");
  if (moved.length === 0) return;
  throw badInput({
    expected: "rows in the splits in which the run was trained",
    found: `${moved.length} rows of dev in another split, e.g. '${moved[0].id}' in ${moved[0].split}`,
    at: source,
    todo: "Give the file a column 'split' that has the run's division, or train again.",
  });
}
