/** Names the rows of tables that have no column of ids. */
import type { CsvTable } from "../csv.ts";

/**
 * Returns the table with a column `id`. If it has none, rows are named by their clips if each has its own,
 * else by their lines; a note says so.
 */
export function withIds(table: CsvTable): CsvTable {
  const { path, columns, rows, unit = "line", notes } = table;
  if (columns.includes("id")) return table;
  const clips = rows.map(({ cells }) =>
    (cells.audio ?? "").replace(/^.*[/\\]/s, "").replace(/\.\w{1,5}$/, "")
  );
  const byClip = rows.length > 0 && new Set(clips).size === rows.length && !clips.includes("");
  return {
    ...table,
    columns: ["id", ...columns],
    rows: rows.map(({ line, cells }, i) => ({
      line,
      cells: { ...cells, id: byClip ? clips[i] : `${unit} ${line}` },
    })),
    notes: [
      ...notes,
      `${path} has no column 'id': rows are named by their ${byClip ? "clips" : `${unit}s`}.`,
    ],
  };
}
