/** Writes CSV files whose text no spreadsheet takes for a formula. */
import { stringify } from "csv-stringify/sync";

/** Text that a spreadsheet would compute, or that an earlier escape made longer. */
const FORMULA = /^'*[=+\-@\t\r]/, ESCAPED = /^'+[=+\-@\t\r]/;

/** A number as it is written in decimal or with an exponent. It computes nothing, whatever its sign. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Puts an apostrophe before text that a spreadsheet would take for a formula. A negative number is none. */
export const escapeFormula = (text: string): string =>
  FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;

/** Returns the text that `escapeFormula` was given. */
export const unescapeFormula = (text: string): string => ESCAPED.test(text) ? text.slice(1) : text;

/**
 * Returns rows as CSV. Text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an
 * apostrophe before it, unless `formulas` are allowed. Numbers stay as they are, also as text.
 */
export function csvText(rows: readonly (readonly unknown[])[], { formulas = false } = {}): string {
  const safe = (cell: unknown) => typeof cell === "string" && !formulas ? escapeFormula(cell) : cell;
  return stringify(rows.map((row) => row.map(safe)));
}
