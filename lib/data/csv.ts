/** Reads CSV files as rows with line numbers. */
import { type CsvError, parse } from "csv-parse/sync";
import { badInput, nearest } from "../errors.ts";
import { decodeText, hex, unescapeFormula } from "../files/mod.ts";
import type { Rejection } from "./utterance.ts";

/** A row of a CSV file. */
export interface CsvRow {
  /** Line of the file on which the row begins; the header is on line 1. */
  line: number;
  /** Trimmed cells by column name. */
  cells: Readonly<Record<string, string>>;
}

/** The contents of a CSV file. */
export interface CsvTable {
  /** Path of the file. */
  path: string;
  /** Column names, from the header. */
  columns: readonly string[];
  /** Rows with a cell for each column. */
  rows: readonly CsvRow[];
  /** Rows with a number of cells unlike the header's, or with text that can't be decoded. */
  rejected: readonly Rejection[];
  /** Notes for the reader, such as the encoding that was detected. */
  notes: readonly string[];
  /** The folder that clips are relative to. Default: that of the file. */
  root?: string;
  /** What the lines of the file are called. Default: line. */
  unit?: "line" | "row";
}

/**
 * Reads a CSV file with a header: UTF-8, UTF-16 or the given encoding, with any line ends. Commas,
 * semicolons, tabs or bars separate the cells, as in the header. Quoted cells may contain separators, doubled
 * quotes and newlines. Throws UndertoneError if the file can't be read or parsed.
 */
export async function readCsv(path: string, encoding?: string): Promise<CsvTable> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound ? "no file" : `an unreadable one (${cause})`;
    throw badInput({ expected: "a CSV file", found, at: path, todo: "Check the path." }, cause);
  }
  return parseCsv(bytes, path, encoding);
}

/** Does the same for bytes; `path` names them in errors. */
export function parseCsv(bytes: Uint8Array, path: string, encoding?: string): CsvTable {
  const decoded = decodeText(bytes, path, encoding), { broken, notes } = decoded;
  const { records, unquoted } = readRecords(decoded.text, path);
  if (records.length === 0) {
    throw badInput({
      expected: "a CSV file with a header line",
      found: "an empty file",
      at: path,
      todo: "Write the header and at least one row.",
    });
  }
  const columns = records[0].cells;
  const unreadable = (from: number, to: number) => {
    const bad = broken.find(({ line }) => line >= from && line <= to);
    return bad && `not ${decoded.encoding}: byte ${hex(bad.byte)} on line ${bad.line}`;
  };
  const fault = unreadable(1, records[0].end);
  if (fault !== undefined) {
    throw badInput({
      expected: "a header that can be read",
      found: fault,
      at: path,
      todo: "Save the file as UTF-8.",
    });
  }
  const twice = columns.find((name, i) => name !== "" && columns.indexOf(name) !== i);
  if (twice !== undefined) {
    throw badInput({
      expected: "distinct column names",
      found: `'${twice}' twice`,
      at: `${path}, line ${records[0].line}`,
      todo: "Rename or remove one of the columns.",
    });
  }
  const read = isOurs(columns) ? unescapeFormula : (cell: string) => cell;
  const rows: CsvRow[] = [];
  const rejected: Rejection[] = [];
  for (const { line, end, cells } of records.slice(1)) {
    const reason = unreadable(line, end) ??
      (cells.length === columns.length
        ? undefined
        : `wrong number of cells: ${cells.length} under a header of ${columns.length}`);
    if (reason === undefined) {
      rows.push({ line, cells: Object.fromEntries(cells.map((cell, i) => [columns[i], read(cell)])) });
    } else rejected.push({ id: `line ${line}`, at: `${path}, line ${line}`, reason });
  }
  const told = unquoted ? [`${path} was read without quoting: its quotes do not enclose cells.`] : [];
  return { path, columns, rows, rejected, notes: [...notes, ...told] };
}

/**
 * Whether these are the columns of predictions that Undertone wrote, with its apostrophes before formulas.
 */
const isOurs = (columns: readonly string[]) =>
  ["id", "text", "audio"].every((name, i) => columns[i] === name) &&
  columns.some((name) => name === "predicted" || name.startsWith("predicted:"));

/**
 * Throws UndertoneError unless the table has all of the columns. `advice` says what to do if another column
 * is the one, namely `other` if that name is near; by default, to rename it.
 */
export function requireColumns(
  table: Pick<CsvTable, "path" | "columns">,
  names: readonly string[],
  advice: (missing: string, other?: string) => string | undefined = (_, other) =>
    other && `rename '${other}' if that is the one`,
): void {
  const missing = names.find((name) => !table.columns.includes(name));
  if (missing === undefined) return;
  const meant = nearest(missing, table.columns.filter((name) => name !== "" && !names.includes(name)));
  const instead = advice(missing, meant);
  throw badInput({
    expected: `a CSV with the columns ${names.join(", ")}`,
    found: `no column '${missing}' (columns: ${table.columns.join(", ").slice(0, 200)})`,
    at: `${table.path}, line 1`,
    todo: instead === undefined ? "Add the column." : `Add the column, or ${instead}.`,
  });
}

/** Returns the most frequent separator in the header, a comma if there is a tie. */
function separator(text: string): string {
  const [header] = text.trimStart().split("\n", 1);
  const count = (mark: string) => header.split(mark).length;
  return [",", ";", "\t", "|"].reduce((best, mark) => count(mark) > count(best) ? mark : best);
}

interface CsvRecord {
  /** First and last line. */
  line: number;
  end: number;
  cells: string[];
}

/** Returns the records of a file. A tab-separated one that can't be read with quotes is read without. */
function readRecords(decoded: string, path: string): { records: CsvRecord[]; unquoted: boolean } {
  const text = decoded.replaceAll(/\r\n?/g, "\n"); // one kind of line end, so that the parser's line numbers are right
  const delimiter = separator(text);
  try {
    return { records: parseRecords(text, path, delimiter, true), unquoted: false };
  } catch (error) {
    if (delimiter !== "\t") throw error;
    return { records: parseRecords(text, path, delimiter, false), unquoted: true };
  }
}

function parseRecords(text: string, path: string, delimiter: string, quoted: boolean): CsvRecord[] {
  const records: CsvRecord[] = [];
  let end = 0; // last line of the last complete record
  try {
    parse(text, {
      delimiter,
      quote: quoted ? '"' : null,
      record_delimiter: "\n",
      relax_column_count: true,
      on_record: (cells: string[], { lines }) => {
        const trimmed = cells.map((cell) => cell.trim());
        if (trimmed.some((cell) => cell !== "")) records.push({ line: end + 1, end: lines, cells: trimmed });
        end = lines;
        return null;
      },
    });
  } catch (cause) {
    const open = (cause as CsvError).code === "CSV_QUOTE_NOT_CLOSED";
    throw badInput({
      expected: "cells in which quotes are doubled and quoted cells are closed",
      found: open ? "a quote that is never closed" : "a stray quote",
      at: `${path}, ${open ? `in the row from line ${end + 1} on` : `line ${(cause as CsvError).lines}`}`,
      todo: 'Put the cell in quotes and double the quotes within it: "He said ""no"".".',
    }, cause);
  }
  return records;
}
