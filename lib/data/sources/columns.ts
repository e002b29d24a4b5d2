/** The columns of a manifest, and the names that other people's files give them. */
import { badInput, nearest } from "../../errors.ts";
import type { CsvTable } from "../csv.ts";

export const MANIFEST_COLUMNS = [
  "id",
  "split",
  "text",
  "audio",
  "label",
  "speaker",
  "dialogue",
  "turn",
  "session",
  "gender",
  "age",
  "corpus",
] as const;

/** Names of a file's columns by the manifest's columns that they stand for: `{ text: "sentence" }`. */
export type ColumnNames = Partial<
  Record<
    | ("id" | "split" | "text" | "audio" | "label" | "speaker" | "dialogue" | "turn")
    | ("session" | "gender" | "age" | "corpus"),
    string
  >
>;

/**
 * Returns a table whose columns have the manifest's names. One column can stand for several. A column that
 * another one replaces is left out, with a note. Throws UndertoneError if the table lacks a named column.
 */
export function renamed(table: CsvTable, names: ColumnNames = {}): CsvTable {
  const given = Object.entries(names).filter(([, name]) => name !== undefined);
  for (const [column, name] of given) requireColumn(table, column, name);
  const sources = new Set(given.map(([, name]) => name)), targets = new Map(given);
  const replaced = table.columns.filter((name) => targets.has(name) && targets.get(name) !== name);
  const kept = table.columns.filter((name) => !sources.has(name) && !targets.has(name));
  const unread = replaced.filter((name) => !sources.has(name));
  const note = `Ignored columns of ${table.path} that --columns replaces: ${unread.join(", ")}.`;
  return {
    ...table,
    columns: [...given.map(([column]) => column), ...kept],
    rows: table.rows.map(({ line, cells }) => ({
      line,
      cells: Object.fromEntries([
        ...kept.map((name) => [name, cells[name]]),
        ...given.map(([column, name]) => [column, cells[name]]),
      ]),
    })),
    notes: unread.length === 0 ? table.notes : [...table.notes, note],
  };
}

/** Throws UndertoneError unless a table has the column `name`, which stands for `column` of a manifest. */
export function requireColumn(
  { path, columns }: Pick<CsvTable, "path" | "columns">,
  column: string,
  name: string,
): void {
  if (columns.includes(name)) return;
  const meant = nearest(name, columns.filter((other) => other !== ""));
  throw badInput({
    expected: `the column '${name}' (--columns.${column})`,
    found: `no such column (columns: ${columns.join(", ").slice(0, 300)})`,
    at: `${path}, line 1`,
    todo: meant === undefined
      ? "Choose one of these columns."
      : `Did you mean --columns.${column}='${meant}'?`,
  });
}
