/** The section on a run's data: rows, labels, notes, and rows that could not be used. */
import type { Section, Table } from "../../plot/mod.ts";
import { labelMapOf, labelMapTexts } from "../../config/mod.ts";
import { SPLITS } from "../../data/mod.ts";
import { count } from "../../errors.ts";
import type { Material } from "./material.ts";

/** Rows that a page lists; `rejected.csv` lists all. */
const LISTED = 50;

/** Returns the section. */
export function dataSection(material: Material, title = "Data"): Section {
  const { config, data, rejected } = material;
  const dropped = Object.entries(Object.groupBy(rejected, ({ reason }) => reason.split(":")[0]));
  return {
    title,
    texts: [
      `The data are read from ${config.data}` +
      (config.protocol === "split"
        ? "."
        : `, by the protocol ${config.protocol}${config.fold === undefined ? "" : `, fold ${config.fold}`}.`),
      ...labelMapTexts(labelMapOf(config)),
      ...rejected.length > 0
        ? [
          `${count(rejected.length, "row")} could not be used: ${
            dropped.map(([reason, rows]) => `${rows!.length} × ${reason}`).join(", ")
          }.`,
        ]
        : [],
    ],
    items: data?.notes ?? [],
    tables: [...data ? [rowsTable(data)] : [], ...rejected.length > 0 ? [rejectedTable(material)] : []],
  };
}

/** Returns a table of rows by label and split. Of test only the number of rows is known. */
function rowsTable({ name, rows, counts, labels, speakers }: NonNullable<Material["data"]>): Table {
  const test = counts ? [null] : [];
  return {
    title: `Rows of ${name} by split`,
    columns: ["", ...SPLITS],
    rows: [
      ...counts
        ? labels.map((label) => [label, counts.train[label] ?? 0, counts.dev[label] ?? 0, ...test])
        : [],
      ["all rows", ...SPLITS.map((split) => rows[split])],
      ...speakers ? [["speakers", speakers.train, speakers.dev, null]] : [],
    ],
    strong: [counts ? labels.length : 0],
  };
}

const rejectedTable = ({ rejected }: Material): Table => ({
  title: rejected.length > LISTED
    ? `The first ${LISTED} of ${rejected.length} rows that can't be used; rejected.csv lists all`
    : "Rows that can't be used",
  columns: ["row", "where", "reason"],
  rows: rejected.slice(0, LISTED).map(({ id, at, reason }) => [id, at, reason]),
});
