/** Shows figures and tables in notebooks. Each front end picks the richest format it supports. */
import type { Figure } from "./figure.ts";
import { notebookHtml } from "./interactive.ts";
import { png } from "./png.ts";
import { type Table, tableHtml, tableText } from "./table.ts";

/** The method that the kernel calls to display a value. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/**
 * A value that Deno's Jupyter kernel can display: at the end of a cell, or through `Deno.jupyter.display`.
 */
export interface Shown {
  /** Returns representations by MIME type. */
  [DISPLAY](): Promise<Record<string, unknown>>;
}

/**
 * Shows a figure as HTML and as PNG, and a table as HTML; both also as plain text. The HTML of a figure needs
 * no network and no extension: values at the pointer, legends that hide series, downloads as SVG and PNG.
 * Where scripts are forbidden, it is the drawing. A value that shows itself, such as a player or a background
 * training, does so. A string is shown as it is, and any other value as the console prints it.
 *
 * @example
 * ```ts
 * import { show } from "@undertone/undertone";
 *
 * show({ columns: ["label", "rows"], rows: [["joy", 12], ["anger", 9]] }); // as the last line of a cell
 * show(42);
 * ```
 */
export const show = (item: unknown): Shown => ({ [DISPLAY]: () => bundleOf(item) });

async function bundleOf(item: unknown): Promise<Record<string, unknown>> {
  if (typeof item === "string") return { "text/plain": item };
  if (typeof item !== "object" || item === null) return textBundle(item);
  if (DISPLAY in item) return await (item as Shown)[DISPLAY]();
  if (isFigure(item)) return await figureBundle(item);
  return isTable(item) ? tableBundle(item) : textBundle(item);
}

const isFigure = (item: object): item is Figure => "svg" in item && "plotly" in item;

const isTable = (item: object): item is Table =>
  "columns" in item && Array.isArray(item.columns) && "rows" in item && Array.isArray(item.rows) &&
  item.rows.every(Array.isArray);

const textBundle = (item: unknown): Record<string, unknown> => ({
  "text/plain": Deno.inspect(item, { colors: false, depth: 6, iterableLimit: 50 }),
});

const figureBundle = async (figure: Figure): Promise<Record<string, unknown>> => ({
  "text/html": notebookHtml(figure),
  "image/png": (await png(figure.svg, 1.5)).toBase64(),
  "text/plain": figure.title,
});

const tableBundle = (table: Table): Record<string, unknown> => ({
  "text/html": tableHtml(table),
  "text/plain": tableText(table, false),
});
