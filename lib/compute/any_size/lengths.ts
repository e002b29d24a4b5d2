/**
 * Computes, inside a graph, the numbers that change with the sizes of its inputs.
 *
 * The idea: a graph for all sizes needs `4 · B` where its recording has 92. The graph therefore reads B from
 * the shape of an input (operator Shape), multiplies it by 4, and hands the result to the reshape. Tensors
 * that were made on the host follow the same idea: zeros become Expand, the numbers 0 to L - 1 become Range.
 *
 * One case is rearranged: the most complex axis of a reshape that changes is written as -1, and the operator
 * infers it from the others. This needs fewer nodes, and also serves lengths that have no formula.
 */
import { UndertoneError } from "../../errors.ts";
import { ELEMENT_TYPE, type HostArray, int } from "../onnx/mod.ts";
import { express, isConstant, type Series } from "./expression.ts";
import type { ElementType, Nodes } from "./nodes.ts";
import type { AlignedConstant } from "./aligned_traces.ts";

/** A known length that others are computed from: an axis of a value of the graph, at each size. */
export interface Length {
  series: Series;
  axis: number;
  /** Returns the name of the value, and emits its nodes if needed. */
  value(): string;
}

/** Lists of numbers, one for each size. */
export type Lists = readonly ArrayLike<number>[];

export interface Lengths {
  /** Returns whether the known lengths determine a number. */
  tells(series: Series): boolean;
  learn(length: Length): void;
  /** Returns the name of a number or of a list of numbers. */
  constant(constant: AlignedConstant): string;
  /**
   * Returns the name of a reshape's target shape. Among the axes that change, the most complex one becomes
   * -1, so that the operator infers it.
   */
  target(constant: AlignedConstant): string;
  /**
   * Returns the name of a tensor made on the host. If it changes with the sizes, it must be constant
   * throughout or a range with equal steps.
   */
  tensor(dtype: ElementType, data: readonly HostArray[], shapes: readonly (readonly number[])[]): string;
}

export function lengthsIn({ emit, integers, evaluate, concat, tensor }: Nodes): Lengths {
  const lengths: Length[] = [], names: string[] = [];
  const expression = (series: Series) => express(series, lengths.map(({ series }) => series));

  const lengthName = (index: number): string => {
    const { axis, value } = lengths[index];
    return names[index] ??= emit("Shape", [value()], [int("start", axis), int("end", axis + 1)]);
  };
  /** Returns the name of a number as int64 `[1]`. */
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

  /** A tensor filled with one number, whose shape changes. */
  const filled = (dtype: ElementType, values: Series, shapes: Lists): string => {
    const single = isConstant(values)
      ? tensor(dtype, arrayOf(dtype, [values[0]]), [])
      : cast(scalar(number(values)), dtype);
    return shapes[0].length ? emit("Expand", [single, vector(columns(shapes))]) : single;
  };
  /** The numbers first, first + step, first + 2 step, … */
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
    `The model can't be written as one graph: the numbers ${
      series.join(", ")
    } change with its inputs' sizes, ` +
      "and no known length explains them.",
    "internal",
  );

/** Returns the complexity of an expression. */
const weight = (terms: ReturnType<typeof express>): number =>
  terms ? terms.reduce((sum, { of }) => sum + 1 + of.length, 0) : Infinity;

/** Transposes the lists: the first number of each, then the second, and so on. */
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
