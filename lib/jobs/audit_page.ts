/** Writes the audit of a data set as a page and as JSON. */
import { join } from "node:path";
import { type Audit, auditFindings, type Rejection, SPLITS } from "../data/mod.ts";
import { writeFileAtomic, writeJsonAtomic } from "../files/mod.ts";
import { reportHtml, type Table } from "../plot/mod.ts";

/** Rows that the page lists; the JSON lists all. */
const LISTED = 500;

/**
 * Writes `audit.html` and `audit.json` into a folder, and returns the page's path. `unusable` are the rows
 * that can't be used, with reasons. Throws UndertoneError if the folder can't be written.
 */
export async function writeAudit(
  folder: string,
  audit: Audit,
  unusable: readonly Rejection[],
  notes: readonly string[] = [],
): Promise<string> {
  const page = join(folder, "audit.html"),
    sum = (counts: Record<string, number>) => SPLITS.reduce((all, split) => all + counts[split], 0);
  await writeJsonAtomic(join(folder, "audit.json"), { ...audit, left_out: unusable });
  const html = reportHtml({
    title: `${audit.name}: what it contains`,
    facts: {
      rows: `${sum(audit.rows)}`,
      clips: `${SPLITS.reduce((all, split) => all + audit.clips[split].distinct, 0)}`,
      labels: `${Object.keys(audit.labels).length}`,
      "rows left out": `${unusable.length}`,
    },
    notes: auditFindings(audit),
    sections: [
      { title: "Labels", tables: [labelsTable(audit)] },
      { title: "Notes", items: [...new Set(notes)].filter((note) => !auditFindings(audit).includes(note)) },
      {
        title: "Rows left out",
        texts: unusable.length === 0 ? ["Every row can be used."] : [],
        tables: unusable.length > 0 ? [unusableTable(unusable)] : [],
      },
    ],
  });
  await writeFileAtomic(page, html);
  return page;
}

const labelsTable = ({ labels, rows }: Audit): Table => ({
  title: "Rows by label and split",
  columns: ["label", ...SPLITS],
  rows: [...Object.entries(labels), ["all rows", rows] as const].map((
    [label, counts],
  ) => [label, ...SPLITS.map((split) => counts[split])]),
  strong: [Object.keys(labels).length],
});

const unusableTable = (rows: readonly Rejection[]): Table => ({
  title: rows.length > LISTED
    ? `The first ${LISTED} of ${rows.length} rows that can't be used; audit.json lists all`
    : "Rows that can't be used",
  columns: ["row", "reason"],
  rows: rows.slice(0, LISTED).map(({ id, reason }) => [id, reason]),
});
