/** The speech of a clip as operators: see ../spoken.ts. */
import { SPEECH_FRAME } from "../../../data/mod.ts";
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { FRAME, HOP } from "../spectrum.ts";
import { AROUND, LIKELY, MIDDLE, PAUSE, QUIETEST } from "../spoken.ts";
import { frameCount, framesAt, padded } from "./frames.ts";
import { rms } from "./prosody.ts";

/**
 * Returns the speech of a clip of at least one sample, float32 `[n]`, from its probabilities of speech. `n` is
 * 0 if the clip has no speech.
 */
export function spokenPart(ops: Ops, samples: Value, probabilities: Value): Value {
  const { add, sub, mul, div, less, not, and, op, cast, concat, where, maximum, gather, range, size } = ops;
  const { tensor, reshape, unsqueeze, cumSum, max, min, atMost } = ops;
  const frames = frameCount(ops, size(samples, 0)), { short } = padded(ops, samples);

  const likely = cast(not(less(probabilities, LIKELY)), "float32");
  const around = op("MaxPool", [unsqueeze(unsqueeze(likely, 0), 0)], {
    attributes: { kernel_shape: [2 * AROUND + 1], pads: [AROUND, AROUND] },
  });
  const places = div(add(mul(range(frames), HOP), FRAME / 2), SPEECH_FRAME);
  const near = gather(reshape(around, -1), min(places, sub(size(probabilities, 0), 1)));

  const level = where(less(0, near), reshape(rms(ops, short, frames), -1), 0);
  const loud = less(mul(maximum(level, 0), QUIETEST), level), ones = cast(loud, "int64");
  const nonZero = (x: Value) => reshape(op("NonZero", [x], { type: "int64" }), -1);
  const known = concat([nonZero(loud), tensor("int64", [0], [1])], 0); // never empty
  const upTo = cumSum(ones, 0), all = ops.sum(ones, 0);
  const pause = sub(gather(known, min(upTo, all)), gather(known, max(sub(upTo, 1), 0)));
  const inside = and(and(less(0, upTo), less(upTo, all)), atMost(pause, PAUSE));
  const spoken = nonZero(op("Or", [loud, inside]));
  return cast(reshape(framesAt(ops, short, add(mul(spoken, HOP), MIDDLE), HOP), -1), "float32");
}
