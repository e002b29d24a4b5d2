/**
 * danfo.js, loaded when the first frame is asked for, with its faults mended: what it computes of missing
 * values, groups whose keys look alike, the order of sorted rows, and how a notebook shows a frame.
 */
import type { DataFrame } from "danfojs-node";
import { badInput } from "../../errors.ts";
import { DISPLAY, show, type Table, type TableCell } from "../../plot/mod.ts";

/** Rows that a notebook shows of a frame. */
const SHOWN = 60;

/** A data frame of danfo.js, as its methods return it. A notebook shows it as a table. */
export type Frame = InstanceType<(typeof import("danfojs-node"))["DataFrame"]>["T"];
type Series = ReturnType<Frame["column"]>;

type Danfo = typeof import("danfojs-node");
// deno-lint-ignore no-explicit-any
type Prototype = Record<string | symbol, any>;
type Options = { ascending?: boolean; inplace?: boolean };

let loaded: Promise<Danfo> | undefined;

/** Returns danfo.js with its faults mended. The first call loads it, which takes a second or more. */
export const danfo = (): Promise<Danfo> => loaded ??= import("danfojs-node").then(mended);

function mended(danfo: Danfo): Danfo {
  // What a method returns is of the class below the exported one.
  const frame = Object.getPrototypeOf(danfo.DataFrame.prototype) as Prototype;
  const series = Object.getPrototypeOf(danfo.Series.prototype) as Prototype;
  mendSpread(series);
  mendDescribe(frame, danfo);
  mendGroups(Object.getPrototypeOf(new danfo.DataFrame([[1]], { columns: ["a"] }).groupby(["a"])));
  frame.sortValues = function (this: Frame, column: string, options: Options = {}) {
    return sorted(this, this.column(column).values, options);
  };
  series.sortValues = function (this: Series, options: Options = {}) {
    return sorted(this, this.values, options);
  };
  frame.plot = series.plot = drawnElsewhere;
  frame[DISPLAY] = function (this: Frame) {
    return show(tableOf(this, this.columns, this.values as unknown[][]))[DISPLAY]();
  };
  series[DISPLAY] = function (this: Series) {
    return show(tableOf(this, ["value"], valuesOf(this).map((value) => [value])))[DISPLAY]();
  };
  return danfo;
}

const isFrame = (of: Frame | Series): of is Frame => "groupby" in of;

const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || Number.isNaN(value as number);
const present = <T>(values: readonly T[]): T[] => values.filter((value) => !isMissing(value));
const valuesOf = (series: Series): unknown[] => series.values as unknown[];

/** The deviation of a single value is undefined; danfo.js says 0. */
function mendSpread(series: Prototype): void {
  for (const name of ["std", "var"]) {
    const measure = series[name];
    series[name] = function (this: Series): number {
      return present(valuesOf(this)).length < 2 ? NaN : measure.call(this);
    };
  }
}

/** Describes the known values of each column of numbers; danfo.js fails at a missing one. */
function mendDescribe(frame: Prototype, { DataFrame, Series }: Danfo): void {
  frame.describe = function (this: Frame): DataFrame {
    const columns = this.columns.filter((_, i) => ["int32", "float32"].includes(this.dtypes[i]));
    if (columns.length === 0) {
      throw badInput({
        expected: "a frame with a column of numbers",
        found: `only ${this.dtypes.join(", ")}`,
        at: "describe",
        todo: "Count the values of a column of text with .valueCounts().",
      });
    }
    const stats = columns.map((column) => {
      const values = present(valuesOf(this.column(column))), count = values.length;
      if (count === 0) return [column, [0, ...Array(6).fill(NaN)]];
      const known = new Series(values);
      const [mean, median] = [known.mean(), known.median()], [min, max] = [known.min(), known.max()];
      return [column, [count, mean, known.std(), min, median, max, known.var()]];
    });
    const index = ["count", "mean", "std", "min", "median", "max", "variance"];
    return new DataFrame(Object.fromEntries(stats), { index, dtypes: columns.map(() => "float32") });
  };
}

/** Measures the known values of each group; danfo.js counts a missing one as 0, or by its place. */
function mendGroups(groups: Prototype): void {
  const measure = groups.groupMathLog, group = groups.group;
  groups.groupMathLog = function (values: unknown[], operation: string): unknown[] {
    const known = present(values);
    if (operation === "count") return [known.length];
    if (operation.startsWith("cum")) { // a value for each row
      const running = known.length ? measure.call(this, known, operation) : [];
      let next = 0;
      return values.map((value) => isMissing(value) ? NaN : running[next++]);
    }
    const least = operation === "std" || operation === "var" ? 2 : 1;
    return known.length < least ? [NaN] : measure.call(this, known, operation);
  };
  groups.group = function (...args: unknown[]) {
    const keys = new Map<string, string>(); // danfo.js joins the values of a key by "-"
    for (const row of this.data as unknown[][]) {
      const values = (this.colIndex as number[]).map((column) => row[column]), joined = values.join("-");
      const exact = JSON.stringify(values), other = keys.get(joined);
      if (other !== undefined && other !== exact) {
        throw badInput({
          expected: "groups that danfo.js can tell apart",
          found: `${other} and ${exact}, which it both names "${joined}"`,
          at: "groupby",
          todo: "Replace missing values, or the '-' in these values, before you group.",
        });
      }
      keys.set(joined, exact);
    }
    return group.apply(this, args);
  };
}

/** Sorts the rows stably: numbers by size, text by its characters, missing values last. */
function sorted<T extends Frame | Series>(
  frame: T,
  values: readonly unknown[],
  { ascending = true, inplace = false }: Options,
): T | undefined {
  const sign = ascending ? 1 : -1;
  const order = values.map((_, row) => row).sort((i, j) => {
    const [a, b] = [values[i], values[j]] as number[];
    if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
    return a < b ? -sign : a > b ? sign : 0;
  });
  const inOrder = (isFrame(frame) ? frame.iloc({ rows: order }) : (frame as Series).iloc(order)) as T;
  if (!inplace) return inOrder;
  const { values: newValues, index } = inOrder;
  (frame as Prototype).$setValues(newValues);
  (frame as Prototype).$setIndex(index);
}

function drawnElsewhere(): never {
  throw badInput({
    expected: "a figure of Undertone",
    found: "danfo.js's .plot, which draws only inside a web page",
    at: "plot",
    todo: "Call show(barsFigure(…)), show(scatterFigure(…)) or another figure of Undertone.",
  });
}

/** Returns the first rows as a table; the index stands first if it is more than the row's number. */
function tableOf(
  { index, dtypes }: Frame | Series,
  columns: readonly string[],
  values: readonly unknown[][],
): Table {
  const isNamed = index.some((each, row) => each !== row), rows = values.slice(0, SHOWN);
  return {
    ...values.length > SHOWN && { title: `The first ${SHOWN} of ${values.length} rows` },
    columns: [
      ...isNamed ? [""] : [],
      ...columns.map((name, i) =>
        dtypes[i] === "float32" ? { name, digits: digitsFor(rows.map((row) => row[i])) } : { name }
      ),
    ],
    rows: rows.map((row, r) => [...isNamed ? [`${index[r]}`] : [], ...row.map(cellOf)]),
  };
}

/** Returns the decimals that show four digits of the largest number, from 4 to 8. */
function digitsFor(values: readonly unknown[]): number {
  const largest = present(values).reduce<number>((most, value) => Math.max(most, Math.abs(Number(value))), 0);
  return largest === 0 ? 4 : Math.min(8, Math.max(4, 3 - Math.floor(Math.log10(largest))));
}

const cellOf = (value: unknown): TableCell =>
  isMissing(value) ? null : typeof value === "number" ? value : String(value);
