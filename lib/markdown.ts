/** Writes Markdown from data: text from files can't format it, break out of a table, or start a list. */

/** Characters that mean something in Markdown somewhere in a line. */
const MARKS = /[\\`*_[\]<>|~$&]/g;

/** Starts of a line that mean something: a heading, a list, a rule. */
const START = /^([-+=]+(?=\s|$)|#+(?=\s|$)|\d+(?=[.)](\s|$)))/;

/** Returns text of one line that Markdown shows as it is. Control characters are left out. */
export const mdText = (text: string): string => escapeMarks(plain(text)).replace(START, escapeStart);

/** Returns text as inline code. */
export function mdCode(text: string): string {
  const line = plain(text), longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1), space = /^`|`$|^ .* $/.test(line) ? " " : "";
  return line === "" ? "" : fence + space + line + space + fence;
}

/** Returns a block of code. */
export function mdBlock(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Returns a link to an address. */
export const mdLink = (text: string, href: string): string =>
  `[${mdText(text)}](<${encodeURI(href).replaceAll(/[<>]/g, encodeURIComponent)}>)`;

/** How a table's column is aligned. */
export type Align = "left" | "right";

/**
 * Returns a table. Cells are Markdown already, of one line each; a `|` in them is escaped. Columns are
 * aligned in the source, too.
 */
export function mdTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[] = [],
): string {
  const cells = [columns, ...rows].map((row) => columns.map((_, c) => inCell(row[c] ?? "")));
  const widths = columns.map((_, c) => Math.max(3, ...cells.map((row) => [...row[c]].length)));
  const isRight = (c: number) => (align[c] ?? (c === 0 ? "left" : "right")) === "right";
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const lay = (row: readonly string[]) =>
    line(row.map((cell, c) => {
      const room = " ".repeat(widths[c] - [...cell].length);
      return isRight(c) ? room + cell : cell + room;
    }));
  const rule = widths.map((width, c) => isRight(c) ? `${"-".repeat(width - 1)}:` : "-".repeat(width));
  return [lay(cells[0]), line(rule), ...cells.slice(1).map(lay)].join("\n");
}

/** Escapes each `|` that is not escaped yet, and keeps a cell to one line. */
const inCell = (cell: string): string =>
  cell.replaceAll(/\s+/g, " ").replaceAll(/\\[\s\S]|\|/g, (found) => found === "|" ? "\\|" : found);

/**
 * Breaks Markdown text into lines of at most `width` characters. A word that would start a list or a heading
 * stays on the line before it. Longer words, such as addresses, get lines of their own.
 */
export function wrapped(text: string, { width = 100, indent = "" } = {}): string {
  const lines: string[] = [];
  for (const word of plain(text).split(" ")) {
    const last = lines.at(-1), isFree = last === undefined;
    const fits = !isFree && indent.length + [...last].length + 1 + [...word].length <= width;
    if (!isFree && (fits || START.test(word))) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${indent}`);
}

/** Returns a list. Items are Markdown. */
export const mdList = (items: readonly string[]): string =>
  items.map((item) => `- ${wrapped(item, { indent: "  " })}`).join("\n");

const escapeMarks = (line: string): string => line.replace(MARKS, (mark) => `\\${mark}`);

/** Escapes the first character of a line, or the mark after its number: `1\.`. */
const escapeStart = (start: string): string => /^\d/.test(start) ? `${start}\\` : `\\${start}`;

const plain = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll(/\p{Cc}/gu, "").trim();
