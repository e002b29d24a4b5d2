/** The native form: a CSV with the columns id, split, text, audio, label and, if known, speaker, dialogue, turn. */
import { basename, dirname, resolve } from "node:path";
import { badInput } from "../errors.ts";
import { type CsvTable, requireColumns } from "./csv.ts";
import { quoted, type Source } from "./source.ts";

export const MANIFEST_COLUMNS = [
  "id",
  "split",
  "text",
  "audio",
  "label",
  "speaker",
  "dialogue",
  "turn",
] as const;

/** Whether a CSV has all columns that a labelled manifest needs. */
export const isManifestTable = ({ columns }: CsvTable): boolean =>
  columns.includes("id") && columns.includes("label") &&
  (columns.includes("text") || columns.includes("audio"));

/**
 * Rows of a manifest. Clips are relative to its folder; without a column `split` the rows are undivided, and where
 * `labelled` is false `label` may be absent, and `id`, in whose place the line stands. Other columns are ignored and
 * named in a note. Throws UndertoneError where a column is missing.
 */
export function manifestSource(table: CsvTable, labelled: boolean): Source {
  const { path, columns } = table;
  if (labelled) requireColumns(table, ["id", "label"]);
  if (!columns.includes("text") && !columns.includes("audio")) {
    throw badInput({
      expected: "a manifest with a column 'text' or 'audio'",
      found: `neither (columns: ${columns.join(", ")})`,
      at: `${path}, line 1`,
      todo: "Add one: what is said, or the path of the clip relative to the manifest.",
    });
  }
  const others = columns.filter((name) => !(MANIFEST_COLUMNS as readonly string[]).includes(name));
  const name = basename(path, ".csv");
  return {
    name: name === "manifest" ? basename(dirname(resolve(path))) : name,
    path,
    root: dirname(path),
    candidates: table.rows.map(({ line, cells }) => ({
      ...cells,
      at: `${path}, line ${line}`,
      id: cells.id ?? `line ${line}`,
    })),
    rejected: table.rejected,
    notes: others.length === 0
      ? table.notes
      : [...table.notes, `Ignored columns of ${path}: ${quoted(others)}.`],
  };
}
