/** Shows figures and tables in notebooks. Each front end picks the richest format it supports. */
import type { Figure } from "./figure.ts";
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
 * Shows a figure as interactive plotly and as PNG, or a table as HTML; both also as plain text. There is no
 * SVG, because nbconvert prefers it to PNG and then reduces it to its text.
 *
 * @example
 * ```ts
 * import { show } from "@undertone/undertone";
 *
 * show({ columns: ["label", "rows"], rows: [["joy", 12], ["anger", 9]] }); // as the last line of a cell
 * ```
 */
export const show = (item: Figure | Table): Shown => ({
  [DISPLAY]: () => "svg" in item ? figureBundle(item) : Promise.resolve(tableBundle(item)),
});

const figureBundle = async ({ title, plotly, svg }: Figure): Promise<Record<string, unknown>> => ({
  "application/vnd.plotly.v1+json": plotly,
  "image/png": (await png(svg, 1.5)).toBase64(),
  "text/plain": title,
});

const tableBundle = (table: Table): Record<string, unknown> => ({
  "text/html": tableHtml(table),
  "text/plain": tableText(table, false),
});
