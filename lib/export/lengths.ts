/** Numbers inside a graph that change with the sizes of its inputs, computed in it. */
import { ELEMENT_TYPE, type HostArray, int } from "../compute/mod.ts";
import { UndertoneError } from "../errors.ts";
import { express, isConstant, type Series } from "./expression.ts";
import type { ElementType, Nodes } from "./nodes.ts";
import type { AlignedConstant } from "./aligned_traces.ts";

/** A length that others are told by: an axis of a value of the graph, at each size. */
export interface Length {
  series: Series;
  axis: number;
  /** Name of the value, which may only have to be computed then. */
  value(): string;
}

/** Lists of numbers, one for each size. */
export type Lists = readonly ArrayLike<number>[];

export interface Lengths {
  /** Whether a number can be told by the lengths known so far. */
  tells(series: Series): boolean;
  learn(length: Length): void;
  /** A number inside the graph, or a list of them. */
  constant(constant: AlignedConstant): string;
  /** Where a reshape goes; of all axes that change, the one that takes most to tell is left to the operator. */
  target(constant: AlignedConstant): string;
  /** A tensor that the host had made; one that changes has a single number throughout, or equal steps. */
  tensor(dtype: ElementType, data: readonly HostArray[], shapes: readonly (readonly number[])[]): string;
}

export function lengthsIn({ emit, integers, evaluate, concat, tensor }: Nodes): Lengths {
  const lengths: Length[] = [], names: string[] = [];
  const expression = (series: Series) => express(series, lengths.map(({ series }) => series));

  const lengthName = (index: number): string => {
    const { axis, value } = lengths[index];
    return names[index] ??= emit("Shape", [value()], [int("start", axis), int("end", axis + 1)]);
  };
  /** int64 `[1]`. */
  const number = (series: Series): string => {
    const found = expression(series);
    if (!found) throw untold(series);
    return evaluate(found, lengthName);
  };
  const vector = (series: readonly Series[]): string =>
    series.every(isConstant) ? integers(series.map(([number]) => number)) : concat(series.map(number));
  const cast = (name: string, dtype: ElementType) =>
    dtype === "int64" ? name : emit("Cast", [name], [int("to", ELEMENT_TYPE[dtype])]);
  const scalar = (name: string) => emit("Squeeze", [name]);

  /** A single number in every shape. */
  const filled = (dtype: ElementType, values: Series, shapes: Lists): string => {
    const single = isConstant(values)
      ? tensor(dtype, arrayOf(dtype, [values[0]]), [])
      : cast(scalar(number(values)), dtype);
    return shapes[0].length ? emit("Expand", [single, vector(columns(shapes))]) : single;
  };
  /** Numbers from `first` on, each `step` more than the one before. */
  const range = (dtype: ElementType, first: Series, step: number, counts: Series): string => {
    const limit = first.map((from, k) => from + step * counts[k]);
    const bounds = [first, limit, first.map(() => step)].map((series) => scalar(number(series)));
    return cast(emit("Range", bounds), dtype);
  };

  return {
    tells: (series) => expression(series) !== undefined,
    learn: (length) => void lengths.push(length),
    constant({ dtype, scalar: single, lists }) {
      const series = columns(lists);
      if (series.every(isConstant) && dtype !== "int64") {
        return tensor(dtype, arrayOf(dtype, lists[0]), single ? [] : [lists[0].length]);
      }
      const name = vector(series);
      return cast(single ? scalar(name) : name, dtype);
    },
    target({ lists }) {
      const series = columns(lists), effort = series.map((s) => isConstant(s) ? 0 : weight(expression(s)));
      const most = effort.lastIndexOf(Math.max(...effort));
      return vector(series.map((s, axis) => effort[axis] && axis === most ? s.map(() => -1) : s));
    },
    tensor(dtype, data, shapes) {
      const [first] = data, counts = data.map(({ length }) => length);
      if (data.every((other) => sameNumbers(other, first)) && columns(shapes).every(isConstant)) {
        return tensor(dtype, first, shapes[0]);
      }
      if (data.every((numbers) => numbers.every((x) => x === numbers[0]))) {
        return filled(dtype, data.map(([x]) => x), shapes);
      }
      const step = first[1] - first[0];
      if (shapes[0].length === 1 && data.every((numbers) => hasSteps(numbers, step))) {
        return range(dtype, data.map(([x]) => x), step, counts);
      }
      throw untold(counts);
    },
  };
}

const untold = (series: Series) =>
  new UndertoneError(
    `The model can't be exported: nothing tells ${series.join(", ")}, which change with its inputs' sizes.`,
    "internal",
  );

/** How much it takes to tell a number. */
const weight = (terms: ReturnType<typeof express>): number =>
  terms ? terms.reduce((sum, { of }) => sum + 1 + of.length, 0) : Infinity;

/** The first of each list, then the second, and so on. */
const columns = (lists: Lists): Series[] =>
  Array.from({ length: lists[0].length }, (_, i) => lists.map((list) => list[i]));

const sameNumbers = (a: HostArray, b: HostArray) =>
  a === b || a.length === b.length && a.every((number, i) => number === b[i]);

const hasSteps = (numbers: HostArray, step: number) =>
  numbers.every((number, i) => i === 0 || number - numbers[i - 1] === step);

function arrayOf(dtype: ElementType, values: ArrayLike<number>): HostArray {
  return dtype === "float32"
    ? Float32Array.from(values)
    : dtype === "bool"
    ? Uint8Array.from(values)
    : Int32Array.from(values);
}
