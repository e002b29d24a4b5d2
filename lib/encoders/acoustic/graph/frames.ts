/** The grid of short frames in a graph: see ../spectrum.ts. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { FRAME, HOP } from "../spectrum.ts";

/** Number of frames of a clip of `samples` samples, at least 1. */
export const frameCount = ({ add, sub, div, max }: Ops, samples: Value): Value =>
  add(max(div(sub(samples, FRAME), HOP), 0), 1); // a negative quotient is rounded up to 0, or stays below it

/** Cuts frames of `length` samples that begin at `starts` `[n]`: `[n, length]`. */
export function framesAt(
  { add, gather, unsqueeze, tensor }: Ops,
  samples: Value,
  starts: Value,
  length: number,
): Value {
  const offsets = tensor("int64", Array.from({ length }, (_, i) => i), [1, length]);
  return gather(samples, add(unsqueeze(starts, 1), offsets));
}
