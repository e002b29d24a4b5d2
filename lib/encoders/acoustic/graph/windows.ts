/** Statistics over windows of short frames as operators: ../windows.ts. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { WINDOW_HOP } from "../windows.ts";
import { frameCount } from "./frames.ts";

/** Number of windows of `length` frames in a clip of `samples` samples, at least 1. */
export function windowCount(ops: Ops, samples: Value, length: number): Value {
  const { add, sub, div, max } = ops;
  return add(max(div(sub(frameCount(ops, samples), length), WINDOW_HOP), 0), 1);
}

/** Mean and standard deviation over windows: float64 `[frames, width]` -> float32 `[count, 2 width]`. */
export function meanAndDeviation(ops: Ops, x: Value, count: Value, length: number): Value {
  const { add, sub, mul, div, min, less, square, sqrt, sum, cast, concat, gather, unsqueeze, range, size } =
    ops;
  const places = ops.tensor("int64", Array.from({ length }, (_, i) => i), [1, length]);
  const index = add(unsqueeze(mul(range(count), WINDOW_HOP), 1), places), frames = size(x, 0);
  const inside = unsqueeze(cast(less(index, frames), "float64"), 2);
  const window = gather(x, min(index, sub(frames, 1))), own = sum(inside, 1, true);
  const meanOf = (values: Value) => div(sum(mul(values, inside), 1, true), own);
  const middle = meanOf(window), deviation = sqrt(meanOf(square(sub(window, middle))));
  return cast(ops.reshape(concat([middle, deviation], 2), count, -1), "float32");
}
