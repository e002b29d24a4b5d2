/** The grid of short frames in a graph: see ../spectrum.ts. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { PITCH_FRAME } from "../pitch.ts";
import { FRAME, HOP } from "../spectrum.ts";

/** Number of frames of a clip of `samples` samples, at least 1. */
export const frameCount = ({ add, sub, div, max }: Ops, samples: Value): Value =>
  add(max(div(sub(samples, FRAME), HOP), 0), 1); // a negative quotient is rounded up to 0, or stays below it

/**
 * Returns float32 samples as float64, with zeros for the frames that reach beyond them: `short` for short
 * frames, and `long` for frames of pitch, which begin earlier so that they share the short frames' centres.
 */
export function padded({ cast, concat, expand, tensor }: Ops, samples: Value): { short: Value; long: Value } {
  const zeros = (count: number) => expand(tensor("float64", [0], [1]), count);
  const short = concat([cast(samples, "float64"), zeros(PITCH_FRAME + HOP)], 0);
  return { short, long: concat([zeros((PITCH_FRAME - FRAME) / 2), short], 0) };
}

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
