/** Statistics over a whole utterance as operators: ../functionals.ts. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";

/** Mean of each column of `[length, width]`: `[1, width]`. */
export const mean = ({ mean }: Ops, x: Value): Value => mean(x, 0, true);

/** Population standard deviation of each column: `[1, width]`. */
export const deviation = (ops: Ops, x: Value): Value =>
  ops.sqrt(ops.mean(ops.square(ops.sub(x, mean(ops, x))), 0, true));

/** Percentiles of each column, interpolated between neighbours: one `[1, width]` for each. */
export function percentiles(ops: Ops, x: Value, length: Value, percents: readonly number[]): Value[] {
  const { many, dims, transpose, sub, add, mul, div, min, cast, floor, gather, unsqueeze } = ops;
  const [sorted] = many("TopK", [transpose(x, 1, 0), dims([length])], 2, {
    attributes: { axis: 1, largest: 0, sorted: 1 },
  });
  const last = sub(length, 1);
  return percents.map((percent) => {
    const at = div(mul(cast(last, "float64"), percent), 100), below = floor(at);
    const index = cast(below, "int64");
    const low = gather(sorted, index, 1), high = gather(sorted, min(add(index, 1), last), 1);
    return unsqueeze(add(low, mul(sub(at, below), sub(high, low))), 0);
  });
}

/** Slope of each column by regression over five frames, edges repeated: `[length, width]`. */
export function slope(ops: Ops, x: Value, length: Value): Value {
  const { add, sub, mul, div, max, min, gather, range } = ops;
  const at = (offset: number) => gather(x, max(min(add(range(length), offset), sub(length, 1)), 0));
  return div(add(sub(at(1), at(-1)), mul(sub(at(2), at(-2)), 2)), 10);
}

/** Per column: mean, deviation, 3 percentiles, deviation and mean size of the slope; `[1, 7 width]`. */
export function functionals(ops: Ops, x: Value, length: Value): Value {
  const slopes = slope(ops, x, length);
  return interleaved(ops, [
    mean(ops, x),
    deviation(ops, x),
    ...percentiles(ops, x, length, [10, 50, 90]),
    deviation(ops, slopes),
    mean(ops, ops.abs(slopes)),
  ]);
}

/** Mean and deviation of each column over the rows of weight 1 of `where` `[length, 1]`; `[1, 2 width]`. */
export function momentsWhere(ops: Ops, x: Value, where: Value): Value {
  const { mul, div, sub, square, sqrt, sum } = ops;
  const count = sum(where, 0, true), meanOf = (y: Value) => div(sum(mul(y, where), 0, true), count);
  const middle = meanOf(x);
  return interleaved(ops, [middle, sqrt(meanOf(square(sub(x, middle))))]);
}

/** Mean and deviation of each column over all rows; `[1, 2 width]`. */
export const moments = (ops: Ops, x: Value): Value => interleaved(ops, [mean(ops, x), deviation(ops, x)]);

/**
 * Covariances of all pairs of `width` columns, the upper triangle row by row: `[1, width (width + 1) / 2]`.
 */
export function covariances(ops: Ops, x: Value, width: number): Value {
  const { sub, div, op, cast, size, reshape, gather, tensor } = ops;
  const centred = sub(x, mean(ops, x));
  // Not Transpose and MatMul: ONNX Runtime may fuse them to an operator that it has for float32 alone.
  const products = op("Gemm", [centred, centred], { attributes: { transA: 1 } });
  const all = div(products, cast(size(x, 0), "float64"));
  const upper = Array.from({ length: width * width }, (_, at) => at).filter((at) =>
    at % width >= Math.floor(at / width)
  );
  return reshape(gather(reshape(all, -1), tensor("int64", upper, [upper.length])), 1, -1);
}

/** How the means of each third of the rows differ from the mean of all: `[1, 3 width]`. */
export function thirds(ops: Ops, x: Value, length: Value): Value {
  const { add, sub, mul, div, max, slice, concat } = ops;
  const whole = mean(ops, x);
  return concat(
    [0, 1, 2].map((k) => {
      const from = div(mul(length, k), 3), to = max(add(from, 1), div(mul(length, k + 1), 3));
      return sub(mean(ops, slice(x, from, to)), whole);
    }),
    1,
  );
}

/** Puts the statistics of a column together: `k` times `[1, width]` -> `[1, k width]`. */
export const interleaved = ({ concat, unsqueeze, reshape }: Ops, statistics: readonly Value[]): Value =>
  reshape(concat(statistics.map((each) => unsqueeze(each, 2)), 2), 1, -1);
