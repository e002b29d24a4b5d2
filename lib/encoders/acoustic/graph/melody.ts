/** Pitch and its course over a clip as operators: ../pitch.ts and ../melody.ts. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { inChunks } from "../../onnx_graph/chunks.ts";
import { SAMPLE_RATE } from "../../encoder.ts";
import { PITCH_FRAME } from "../pitch.ts";
import { HOP } from "../spectrum.ts";
import { fft, mirrored } from "./fft.ts";
import { framesAt } from "./frames.ts";

const LOWEST_HZ = 65, HIGHEST_HZ = 400;
const LONGEST = Math.ceil(SAMPLE_RATE / LOWEST_HZ), SHORTEST = Math.floor(SAMPLE_RATE / HIGHEST_HZ);
const COMPARED = PITCH_FRAME - LONGEST - 1;
const THRESHOLD = 0.15;
const PERIODIC = 0.5, QUIETEST = 1e-4;
/** Frames whose pitch is computed together. */
const FRAMES = 64;
/** Larger than any octave; it sorts after all of them. */
const NONE = 1e30;

/** One value per frame, each `[frames]`. */
export interface Melody {
  octave: Value;
  voiced: Value;
  periodicity: Value;
  harmonicity: Value;
}

/**
 * Computes pitch, voicing and harmonicity. `samples` are float64; frame i covers PITCH_FRAME of them from
 * HOP · i on. `energy` `[frames]` is the power of the short frames.
 */
export function melody(ops: Ops, samples: Value, frames: Value, energy: Value): Melody {
  const { and, less, mul, div, sub, max, min, log, cast, maximum } = ops;
  const { f0, periodicity } = pitches(ops, samples, frames);
  const loud = less(mul(maximum(energy, 0), QUIETEST), energy);
  const voiced = cast(and(less(PERIODIC, periodicity), loud), "float64");
  const r = min(max(periodicity, 1e-3), 0.999), octave = div(log(div(f0, 100)), Math.LN2);
  return {
    octave: bridged(ops, octave, voiced, frames),
    voiced,
    periodicity,
    harmonicity: mul(log(div(r, sub(1, r))), 10 / Math.LN10),
  };
}

/** Pitch in Hz and periodicity of every frame, both `[frames]`; `samples` as for `melody`. */
export function pitches(ops: Ops, samples: Value, frames: Value): { f0: Value; periodicity: Value } {
  const [f0, periodicity] = inChunks(
    ops,
    frames,
    FRAMES,
    (ops, indices) => pitch(ops, framesAt(ops, samples, ops.mul(indices, HOP), PITCH_FRAME)),
  );
  return { f0, periodicity };
}

/** Pitch in Hz and periodicity of frames `[n, PITCH_FRAME]`, by YIN: both `[n]`. */
function pitch(ops: Ops, frames: Value): [f0: Value, periodicity: Value] {
  const { add, sub, mul, div, max, min, where, less, atMost, and, cast, argMax, argMin, slice } = ops;
  const { gatherElements, concat, reshape, maximum, equal } = ops;
  const difference = normalisedDifference(ops, frames);
  // Lags SHORTEST to LONGEST - 1, each beside the next one.
  const here = slice(difference, SHORTEST, LONGEST, 1),
    next = slice(difference, SHORTEST + 1, LONGEST + 1, 1);
  const dips = cast(and(less(here, THRESHOLD), atMost(here, next)), "float32");
  const none = equal(maximum(dips, 1, true), 0);
  const lag = add(where(none, argMin(here, 1), argMax(dips, 1)), SHORTEST);
  const around = gatherElements(difference, concat([sub(lag, 1), lag, add(lag, 1)], 1), 1);
  const [before, at, after] = [0, 1, 2].map((i) => slice(around, i, i + 1, 1));
  const bend = add(sub(before, mul(at, 2)), after), curved = less(0, bend);
  const vertex = div(sub(before, after), mul(where(curved, bend, 1), 2));
  const shift = where(curved, max(min(vertex, 0.5), -0.5), 0);
  return [
    reshape(div(SAMPLE_RATE, add(cast(lag, "float64"), shift)), -1),
    reshape(max(sub(1, at), 0), -1),
  ];
}

/** YIN's cumulative mean normalised difference for lags 0 to LONGEST, `[n, LONGEST + 1]`. */
function normalisedDifference(ops: Ops, frames: Value): Value {
  const { add, sub, mul, div, max, where, less, square, cumSum, slice, concat, tensor, expand, size } = ops;
  const squares = square(frames);
  const entering = slice(squares, COMPARED, COMPARED + LONGEST, 1), leaving = slice(squares, 0, LONGEST, 1);
  const energies = cumSum(concat([slice(squares, 0, COMPARED, 1), sub(entering, leaving)], 1), 1);
  const energy = slice(energies, COMPARED - 1, COMPARED, 1);
  const shifted = slice(energies, COMPARED, COMPARED + LONGEST, 1);
  const correlation = slice(correlate(ops, frames), 1, LONGEST + 1, 1);
  const d = max(sub(add(energy, shifted), mul(correlation, 2)), 0), total = cumSum(d, 1);
  const lags = tensor("float64", Array.from({ length: LONGEST }, (_, i) => i + 1), [1, LONGEST]);
  const some = less(0, total);
  const normalised = where(some, div(mul(d, lags), where(some, total, 1)), 1);
  const lag0 = expand(tensor("float64", [1], [1, 1]), size(frames, 0), 1);
  return concat([lag0, normalised], 1);
}

/** Sum over the compared samples of x[i] x[i + lag], `[n, PITCH_FRAME]`. See ../pitch.ts. */
function correlate(ops: Ops, frames: Value): Value {
  const { add, sub, mul, div, tensor } = ops;
  const compared = tensor("float64", Array.from({ length: PITCH_FRAME }, (_, i) => Number(i < COMPARED)), [
    1,
    PITCH_FRAME,
  ]);
  const [re, im] = fft(ops, [mul(frames, compared), frames], PITCH_FRAME);
  const [, reMirror] = mirrored(ops, re, PITCH_FRAME, PITCH_FRAME),
    [, imMirror] = mirrored(ops, im, PITCH_FRAME, PITCH_FRAME);
  const headRe = div(add(re, reMirror), 2), headIm = div(sub(im, imMirror), 2);
  const wholeRe = div(add(im, imMirror), 2), wholeIm = div(sub(reMirror, re), 2);
  const outRe = add(mul(headRe, wholeRe), mul(headIm, wholeIm));
  const outIm = sub(mul(headIm, wholeRe), mul(headRe, wholeIm)); // the negative of TypeScript's difference
  const [out] = fft(ops, [outRe, outIm], PITCH_FRAME);
  return div(out, PITCH_FRAME);
}

/** Smooths pitch by the median of five voiced neighbours, and interpolates it across unvoiced frames. */
function bridged(ops: Ops, octave: Value, voiced: Value, frames: Value): Value {
  const { add, div, min, where, less, cast, sum, concat, gather, gatherElements } = ops;
  const { many, tensor, reshape, unsqueeze, range } = ops;
  const zeros = tensor("float64", [0, 0], [2]);
  const padded = (x: Value) => concat([zeros, x, zeros], 0);
  const neighbours = add(unsqueeze(range(frames), 1), tensor("int64", [0, 1, 2, 3, 4], [1, 5]));
  const known = gather(padded(voiced), neighbours), values = gather(padded(octave), neighbours);
  const [sorted] = many("TopK", [where(less(0, known), values, NONE), tensor("int64", [5], [1])], 2, {
    attributes: { axis: 1, largest: 0, sorted: 1 },
  });
  const count = cast(sum(known, 1, true), "int64");
  const median = reshape(gatherElements(sorted, min(div(count, 2), 4), 1), -1);
  return interpolated(ops, median, voiced, frames);
}

/**
 * Keeps values `[frames]` where `voiced` is 1 and interpolates linearly between them, outside with the
 * nearest; all 0 if no frame is voiced.
 */
export function interpolated(ops: Ops, values: Value, voiced: Value, frames: Value): Value {
  const { op, add, sub, mul, div, max, min, where, less, cast, sum, concat, gather } = ops;
  const { tensor, reshape, cumSum, range, maximum } = ops;
  // The voiced frames in order, with one more so that the list is never empty.
  const places = concat([
    reshape(op("NonZero", [cast(voiced, "bool")], { type: "int64" }), -1),
    tensor("int64", [0], [1]),
  ], 0);
  const upTo = cast(cumSum(voiced, 0), "int64"), last = max(sub(cast(sum(voiced, 0), "int64"), 1), 0);
  const to = gather(places, min(upTo, last));
  const from = where(less(0, upTo), gather(places, max(sub(upTo, 1), 0)), to);
  const line = gather(values, from), rise = sub(gather(values, to), line);
  const steps = cast(sub(range(frames), from), "float64"), span = cast(max(sub(to, from), 1), "float64");
  return mul(add(line, div(mul(rise, steps), span)), maximum(voiced, 0));
}
