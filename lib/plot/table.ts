/** Tables as plain data, for terminals as aligned text and for pages as HTML. */
import stringWidth from "string-width";
import { escape } from "./svg.ts";
import { count, percent } from "./theme.ts";

/** What stands in a table's cell; null shows as an en dash. */
export type TableCell = string | number | null;

/** How a column of a table is shown. */
export interface Column {
  /** Its head. */
  name: string;
  /** Numbers stand right unless told otherwise. */
  align?: "left" | "right";
  /** Decimals of numbers; whole numbers get separators instead. */
  digits?: number;
  /** Fractions, shown as percent with `digits` decimals, one by default. */
  percent?: boolean;
  /** Widest in terminal cells; longer text ends in an ellipsis. */
  width?: number;
}

/** A table as plain data. */
export interface Table {
  /** Its heading. */
  title?: string;
  /** A bare name is a column with nothing special. */
  columns: readonly (string | Column)[];
  /** Null shows as an en dash: nothing to say. */
  rows: readonly (readonly TableCell[])[];
  /** Indices of rows that stand out. */
  strong?: readonly number[];
}

interface Prepared {
  name: string;
  right: boolean;
  cells: string[];
}

/** True where the reader is a terminal that wants colour (https://no-color.org). */
export const wantsColour = (): boolean => Deno.stdout.isTerminal() && !Deno.noColor;

/** Aligned columns under a rule, ready to print; `colour` makes heads and strong rows bold. */
export function tableText(table: Table, colour = wantsColour()): string {
  const bold = (text: string) => colour ? `\x1b[1m${text}\x1b[22m` : text;
  const dim = (text: string) => colour ? `\x1b[2m${text}\x1b[22m` : text;
  const columns = prepare(table);
  const widths = columns.map(({ name, cells }) => Math.max(...[name, ...cells].map((s) => stringWidth(s))));
  const lay = (values: string[]) =>
    values.map((value, c) => {
      const room = " ".repeat(widths[c] - stringWidth(value));
      return columns[c].right ? room + value : value + room;
    }).join("  ").trimEnd();
  const lines = [
    ...(table.title ? [bold(clean(table.title))] : []),
    bold(lay(columns.map(({ name }) => name))),
    dim("─".repeat(widths.reduce((sum, width) => sum + width + 2, -2))),
    ...table.rows.map((_, r) => {
      const row = lay(columns.map(({ cells }) => cells[r]));
      return table.strong?.includes(r) ? bold(row) : row;
    }),
  ];
  return lines.join("\n") + "\n";
}

/** A `<table>`; its looks are those of the page it stands in. */
export function tableHtml(table: Table): string {
  const columns = prepare(table);
  const cell = (tag: string, value: string, right: boolean) =>
    `<${tag}${right ? ' style="text-align:right"' : ' style="text-align:left"'}>${escape(value)}</${tag}>`;
  const body = table.rows.map((_, r) => {
    const cells = columns.map(({ cells, right }) => cell("td", cells[r], right)).join("");
    return `<tr${table.strong?.includes(r) ? ' style="font-weight:600"' : ""}>${cells}</tr>`;
  });
  return `<table>${table.title ? `<caption>${escape(table.title)}</caption>` : ""}` +
    `<thead><tr>${columns.map(({ name, right }) => cell("th", name, right)).join("")}</tr></thead>` +
    `<tbody>${body.join("\n")}</tbody></table>`;
}

function prepare({ columns, rows }: Table): Prepared[] {
  return columns.map((given, c) => {
    const column = typeof given === "string" ? { name: given } : given;
    const values = rows.map((row) => row[c] ?? null);
    const numbers = values.some((value) => typeof value === "number") &&
      values.every((value) => typeof value !== "string");
    return {
      name: clean(column.name),
      right: column.align ? column.align === "right" : numbers,
      cells: values.map((value) => shorten(format(value, column), column.width)),
    };
  });
}

function format(value: TableCell, { digits, percent: isPercent }: Column): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (typeof value === "string") return clean(value);
  if (isPercent) return percent(value, digits);
  return digits === undefined ? count(value) : value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1"); // no "-0.000"
}

/** One line without control characters: what a file says must not steer the terminal. */
const clean = (text: string): string => text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "");

function shorten(text: string, width = Infinity): string {
  if (stringWidth(text) <= width) return text;
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) { // never within a character
    if (stringWidth(short + segment) > width - 1) break;
    short += segment;
  }
  return short.trimEnd() + "…";
}
