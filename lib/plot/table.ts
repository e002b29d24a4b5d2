/** Tables as plain data. Formats them as aligned text for terminals and as HTML for pages. */
import stringWidth from "string-width";
import { escape } from "./svg.ts";
import { count, percent } from "./theme.ts";

/** The value of a table cell. Null shows as an en dash. */
export type TableCell = string | number | null | TableLink;

/** A cell that leads to another page; where there are no links, its text. */
export interface TableLink {
  /** What is shown. */
  text: string;
  /** Path of the page, from the page with the table. */
  href: string;
}

/** Format of a column. */
export interface Column {
  /** Heading of the column. */
  name: string;
  /** Alignment. Default: right for numbers, left for text. */
  align?: "left" | "right";
  /** Decimals of numbers. If absent, numbers have thousands separators and at most one decimal. */
  digits?: number;
  /** Whether values are fractions, shown in percent with `digits` decimals (default 1). */
  percent?: boolean;
  /** Maximum width in terminal cells. Longer text ends in an ellipsis. */
  width?: number;
}

/** A table as plain data. */
export interface Table {
  /** Heading of the table. */
  title?: string;
  /** Columns. A string is a column with the default format. */
  columns: readonly (string | Column)[];
  /** Cells row by row. */
  rows: readonly (readonly TableCell[])[];
  /** Indices of emphasised rows. */
  strong?: readonly number[];
}

interface Prepared {
  name: string;
  right: boolean;
  cells: string[];
  /** Terminal cells of its widest value. */
  width: number;
}

/** Returns true if the output is a terminal that wants colour (https://no-color.org). */
export const wantsColour = (): boolean => Deno.stdout.isTerminal() && !Deno.noColor;

/** Returns the width of the terminal in cells, or 120 if the output is none. */
function terminalWidth(): number {
  try {
    return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 120;
  } catch {
    return 120;
  }
}

/**
 * Returns aligned columns with a rule below the headings, ready to print. `colour` makes headings and strong
 * rows bold. A table wider than `width` cells is printed in several blocks. Each repeats the first column.
 */
export function tableText(table: Table, colour = wantsColour(), width = terminalWidth()): string {
  const bold = (text: string) => colour ? `\x1b[1m${text}\x1b[22m` : text;
  const dim = (text: string) => colour ? `\x1b[2m${text}\x1b[22m` : text;
  const blocks = inBlocks(prepare(table), width).map((columns) => {
    const lay = (values: string[]) =>
      values.map((value, c) => {
        const room = " ".repeat(columns[c].width - stringWidth(value));
        return columns[c].right ? room + value : value + room;
      }).join("  ").trimEnd();
    return [
      bold(lay(columns.map(({ name }) => name))),
      dim("─".repeat(columns.reduce((sum, { width }) => sum + width + 2, -2))),
      ...table.rows.map((_, r) => {
        const row = lay(columns.map(({ cells }) => cells[r]));
        return table.strong?.includes(r) ? bold(row) : row;
      }),
    ].join("\n");
  });
  const title = table.title ? `${bold(clean(table.title))}\n` : "";
  return `${title}${blocks.join("\n\n")}\n`;
}

/** Divides columns into blocks of at most `width` cells, if the columns allow it. */
function inBlocks([first, ...columns]: Prepared[], width: number): Prepared[][] {
  const blocks = [[first]];
  let used = first.width;
  for (const column of columns) {
    if (used + 2 + column.width > width && blocks.at(-1)!.length > 1) {
      blocks.push([first]);
      used = first.width;
    }
    blocks.at(-1)!.push(column);
    used += 2 + column.width;
  }
  return blocks;
}

/** Returns a `<table>`. The page provides the style. */
export function tableHtml(table: Table): string {
  const columns = prepare(table);
  const cell = (tag: string, html: string, right: boolean) =>
    `<${tag} style="text-align:${right ? "right" : "left"}">${html}</${tag.split(" ")[0]}>`;
  const body = table.rows.map((row, r) => {
    const cells = columns.map(({ cells, right }, c) =>
      cell("td", linked(row[c] ?? null, escape(cells[r])), right)
    ).join("");
    return `<tr${table.strong?.includes(r) ? ' style="font-weight:600"' : ""}>${cells}</tr>`;
  });
  return `<table>${table.title ? `<caption>${escape(table.title)}</caption>` : ""}` +
    `<thead><tr>${
      columns.map(({ name, right }) => cell(name ? 'th scope="col"' : "td", escape(name), right)).join("")
    }</tr></thead>` +
    `<tbody>${body.join("\n")}</tbody></table>`;
}

/** Returns the formatted text of a table, and how its columns are aligned. */
export function cellsOf(table: Table): { names: string[]; align: ("left" | "right")[]; rows: string[][] } {
  const columns = prepare(table);
  return {
    names: columns.map(({ name }) => name),
    align: columns.map(({ right }) => right ? "right" : "left"),
    rows: table.rows.map((_, r) => columns.map(({ cells }) => cells[r])),
  };
}

/** Returns a cell's HTML, within a link if it has one. */
const linked = (value: TableCell, html: string): string =>
  typeof value === "object" && value !== null
    ? `<a href="${escape(encodeURI(value.href))}">${html}</a>`
    : html;

function prepare({ columns, rows }: Table): Prepared[] {
  return columns.map((given, c) => {
    const column = typeof given === "string" ? { name: given } : given;
    const values = rows.map((row) => row[c] ?? null);
    const isNumeric = column.percent || column.digits !== undefined; // even if every value is undefined
    const numbers = (isNumeric || values.some((value) => typeof value === "number")) &&
      values.every((value) => value === null || typeof value === "number");
    const name = clean(column.name);
    const cells = values.map((value) => shorten(format(value, column), column.width));
    return {
      name,
      right: column.align ? column.align === "right" : numbers,
      cells,
      width: cells.reduce((most, text) => Math.max(most, stringWidth(text)), stringWidth(name)),
    };
  });
}

function format(value: TableCell, { digits, percent: isPercent }: Column): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (typeof value === "string") return clean(value);
  if (typeof value === "object") return clean(value.text);
  if (isPercent) return percent(value, digits);
  if (digits === undefined || Number.isInteger(value) && Math.abs(value) > 1) return count(value);
  return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1"); // no "-0.000"
}

/**
 * Reduces text to one line without control characters, so that text from files can't control the terminal.
 */
const clean = (text: string): string => text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "");

function shorten(text: string, width = Infinity): string {
  if (stringWidth(text) <= width) return text;
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) { // never cut within a character
    if (stringWidth(short + segment) > width - 1) break;
    short += segment;
  }
  return short.trimEnd() + "…";
}
