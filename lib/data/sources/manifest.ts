/**
 * Undertone's own format: a CSV with the columns id, split, text, audio, label and, if known, speaker,
 * dialogue, turn.
 */
import { basename, dirname, resolve } from "node:path";
import { badInput } from "../../errors.ts";
import { type CsvTable, requireColumns } from "../csv.ts";
import { MANIFEST_COLUMNS } from "./columns.ts";
import { type CandidateSource, type DataSource, quoted } from "./source.ts";

/**
 * Recognises a manifest by its columns, or a folder by its manifest.csv. Also accepts files that no other
 * source recognises, so that errors name the missing columns.
 */
export const manifest: DataSource = {
  id: "manifest",
  name: "a manifest",
  summary: "a manifest CSV (id, label, and text or audio), a folder with manifest.csv",

  async recognise(_, place) {
    if (place.kind === "folder") {
      const isThere = (await place.files()).includes(FILE);
      return isThere ? { strength: 90, reason: FILE, file: FILE } : undefined;
    }
    if (place.kind === "nothing") return undefined;
    const columns = await place.columns() ?? [];
    const content = ["text", "audio"].find((name) => columns.includes(name));
    if ((content || place.byName) && columns.includes("id") && columns.includes("label")) {
      return { strength: 90, reason: "all columns of a manifest" };
    }
    if (content && !place.labelled) return { strength: 40, reason: `column '${content}'` };
    return { strength: 1, reason: "rows in a file" };
  },

  async read(_, place) {
    return manifestSource(
      await place.table(place.kind === "folder" ? FILE : undefined),
      place.labelled,
      place,
    );
  },
};

/** Name of a manifest in a folder. */
const FILE = "manifest.csv";

/**
 * Returns the rows of a manifest. Clip paths are relative to its folder. Without a column `split` the rows
 * have no split. If `labelled` is false, `label` may be missing, and so may `id`: the line number replaces
 * it. With `byName`, `text` and `audio` may be missing if there is an id. Other columns are ignored and named in
 * a note. Throws UndertoneError if a column is missing.
 */
export function manifestSource(
  table: CsvTable,
  labelled: boolean,
  { byName = false }: { byName?: boolean } = {},
): CandidateSource {
  const { path, columns } = table;
  const naming = (column: string, other: string) => `name it: --columns.${column}='${other}'`;
  if (labelled) requireColumns(table, ["id", "label"], naming);
  const named = byName && columns.includes("id");
  if (!named && !columns.includes("text") && !columns.includes("audio")) {
    throw badInput({
      expected: "a manifest with a column 'text' or 'audio'",
      found: `neither (columns: ${columns.join(", ")})`,
      at: `${path}, line 1`,
      todo:
        "Add a column with the words, or with the path of the clip relative to the manifest. If it has another " +
        "name, say so: --columns.text=<name> or --columns.audio=<name>.",
    });
  }
  const others = columns.filter((name) => !(MANIFEST_COLUMNS as readonly string[]).includes(name));
  const name = basename(path).replace(/\.(csv|tsv)$/i, "");
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
