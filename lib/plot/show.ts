/** Pictures and tables inside notebooks: what a cell returns is shown by every front end in the best way it knows. */
import type { Figure } from "./figure.ts";
import { png } from "./png.ts";
import { type Table, tableHtml, tableText } from "./table.ts";

/** The method by which the kernel asks a value how to show itself. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** A value that Deno's Jupyter kernel shows: at the end of a cell, or through `Deno.jupyter.display`. */
export interface Shown {
  /** What it looks like, by MIME type. */
  [DISPLAY](): Promise<Record<string, unknown>>;
}

/**
 * A figure as interactive plotly and as PNG (the front end takes the richest it can), a table as HTML; both as plain
 * text too. No SVG: nbconvert prefers it to PNG and then strips it to its words.
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
