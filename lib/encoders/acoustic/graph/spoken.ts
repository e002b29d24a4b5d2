/** The speech of a clip as operators: see ../spoken.ts. */
import { SPEECH_FRAME } from "../../../data/mod.ts";
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { HOP } from "../spectrum.ts";
import { AROUND, GRID, HISS, HISS_LEVEL, LIKELY, PAUSE, QUIETEST, SILENCE, TAIL } from "../spoken.ts";
import { type SpeechWeights, voiceActivity } from "./voice_activity.ts";

/**
 * Returns the speech of a clip of at least one sample, float32 `[n]`. `n` is 0 if the clip has no speech.
 */
export function spokenPart(ops: Ops, samples: Value, weights: SpeechWeights): Value {
  const { add, sub, mul, div, less, not, and, op, cast, concat, where, maximum, gather, range, size } = ops;
  const {
    tensor,
    reshape,
    unsqueeze,
    cumSum,
    max,
    min,
    atMost,
    padEnd,
    square,
    sqrt,
    mean,
    argMax,
    abs,
    expand,
  } = ops;
  const loudest = argMax(abs(samples), 0), past = sub(loudest, mul(div(loudest, GRID), GRID));
  const lead = expand(tensor("float32", [0], [1]), sub(SILENCE, past));
  const whole = padEnd(concat([lead, samples], 0), TAIL, 0, 1);
  const probabilities = voiceActivity(ops, whole, weights);
  const count = size(whole, 0), length = div(add(count, HOP - 1), HOP);
  const hops = reshape(padEnd(whole, sub(mul(length, HOP), count), 0, 1), length, HOP);

  const likely = cast(not(less(probabilities, LIKELY)), "float32");
  const around = op("MaxPool", [unsqueeze(unsqueeze(likely, 0), 0)], {
    attributes: { kernel_shape: [2 * AROUND + 1], pads: [AROUND, AROUND] },
  });
  const places = div(add(mul(range(length), HOP), HOP / 2), SPEECH_FRAME);
  const isNear = less(0, gather(reshape(around, -1), min(places, sub(size(probabilities, 0), 1))));

  const near = where(isNear, mean(square(cast(hops, "float64")), 1), 0);
  const loud = less(mul(maximum(near, 0), QUIETEST), near), ones = cast(loud, "int64");
  const nonZero = (x: Value) => reshape(op("NonZero", [x], { type: "int64" }), -1);
  const known = concat([nonZero(loud), tensor("int64", [0], [1])], 0); // never empty
  const upTo = cumSum(ones, 0), all = ops.sum(ones, 0);
  const pause = sub(gather(known, min(upTo, all)), gather(known, max(sub(upTo, 1), 0)));
  const inside = and(and(less(0, upTo), less(upTo, all)), atMost(pause, PAUSE));
  const part = reshape(gather(hops, nonZero(op("Or", [loud, inside]))), -1);
  // A spoken hop is the loudest of these.
  const level = cast(mul(sqrt(maximum(near, 0)), HISS_LEVEL), "float32");
  const i = range(size(part, 0)), place = sub(i, mul(div(i, HISS.length), HISS.length));
  const hiss = gather(tensor("float32", HISS, [HISS.length]), place);
  return add(part, mul(hiss, level));
}
