/** Names the rows of tables that have no column of ids. */
import type { CsvTable } from "../csv.ts";

/**
 * Returns the tables of a data set with a column `id`. Where they have none, rows are named by their clips if
 * each row of a table has its own, else by their lines; a note says so.
 */
export function withIds(tables: readonly CsvTable[]): CsvTable[] {
  const byClip = tables.every((table) => {
    const names = clipsOf(table);
    return table.columns.includes("id") || (new Set(names).size === names.length && !names.includes(""));
  });
  return tables.map((table) => {
    const { path, columns, rows, unit = "line", notes } = table, names = clipsOf(table);
    if (columns.includes("id")) return table;
    const ids = byClip ? names : rows.map(({ line }) => `${unit} ${line}`);
    return {
      ...table,
      columns: ["id", ...columns],
      rows: rows.map(({ line, cells }, i) => ({ line, cells: { ...cells, id: ids[i] } })),
      notes: [
        ...notes,
        `${path} has no column 'id': rows are named by their ${byClip ? "clips" : `${unit}s`}.`,
      ],
    };
  });
}

/** Returns the name of each row's clip, without folders and ending. */
const clipsOf = ({ rows }: CsvTable): string[] =>
  rows.map(({ cells }) => (cells.audio ?? "").replace(/^.*[/\\]/s, "").replace(/\.\w{1,5}$/, ""));
