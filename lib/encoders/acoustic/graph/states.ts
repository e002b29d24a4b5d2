/** What all versions of the acoustic encoder share, as operators of an ONNX graph: see ../states.ts. */
import { SAMPLE_RATE } from "../../encoder.ts";
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { FRAME, HOP } from "../spectrum.ts";
import { frameCount, padded } from "./frames.ts";
import { deviation, mean, percentiles, slope } from "./functionals.ts";
import { type Melody, melody } from "./melody.ts";
import { logMel, powerSpectra, spectralShape, zeroCrossingRate } from "./spectrum.ts";

const STEP = 8, WINDOW = 16, EMBEDDING_LEAD = 4;

/** Descriptors of a clip's short frames, float64. */
export interface Description {
  /** Number of frames. */
  frames: Value;
  /** `[frames, 16]` and `[frames, 80]`. */
  tracks: Value;
  mel: Value;
  melodic: Melody;
  /** True for voiced frames; true for all if none is voiced. */
  heard: Value;
}

/** Number of states of a clip of `samples` samples. */
export const stateCount = (ops: Ops, samples: Value): Value =>
  ops.max(ops.div(frameCount(ops, samples), STEP), 1);

/** Describes a clip of at least one sample, float32 `[samples]`. */
export function describe(ops: Ops, samples: Value): Description {
  const { size, concat, slice, exp, reshape, unsqueeze } = ops;
  const frames = frameCount(ops, size(samples, 0)), { short, long } = padded(ops, samples);
  const power = powerSpectra(ops, short, frames), mel = logMel(ops, power);
  const shape = spectralShape(ops, power, frames);
  const melodic = melody(ops, long, frames, exp(reshape(slice(shape, 0, 1, 1), -1)));
  const { octave, voiced, periodicity, harmonicity } = melodic;
  const columns = [octave, voiced, periodicity, harmonicity].map((track) => unsqueeze(track, 1));
  const tracks = concat([...columns, zeroCrossingRate(ops, short, frames), shape], 1);
  return { frames, tracks, mel, melodic, heard: whereVoiced(ops, voiced) };
}

/**
 * Makes the states `[T, width]`, float32, of a clip. `embedded` `[t, 96]` is its speech embedding, `whole`
 * `[1, n]` the part that is the same for all states.
 */
export function statesOf(
  ops: Ops,
  { frames, tracks, mel }: Description,
  embedded: Value,
  whole: Value,
): Value {
  const { size, concat, cast, sub, max, min, gather, range, expand } = ops;
  const length = ops.max(ops.div(frames, STEP), 1);
  const nearest = min(max(sub(range(length), EMBEDDING_LEAD), 0), sub(size(embedded, 0), 1));
  return concat([
    gather(embedded, nearest),
    ...[mel, tracks].map((part) => cast(around(ops, part, frames, length), "float32")),
    expand(cast(whole, "float32"), length, 1),
  ], 1);
}

/** True for voiced frames; true for all if none is voiced. */
const whereVoiced = ({ op, cast, less, maximum, not }: Ops, voiced: Value): Value =>
  op("Or", [cast(voiced, "bool"), not(less(0, maximum(voiced, 0)))]);

/** The mean of the short frames around the centre of each state, `[T, width]`. */
function around(ops: Ops, tracks: Value, frames: Value, length: Value): Value {
  const { add, sub, mul, div, max, min, less, cast, gather, unsqueeze, range, tensor, sum } = ops;
  const middle = unsqueeze(add(mul(range(length), STEP), STEP / 2), 1);
  const to = min(add(middle, WINDOW / 2), frames), from = min(sub(to, 1), max(sub(middle, WINDOW / 2), 0));
  const index = add(from, tensor("int64", Array.from({ length: WINDOW }, (_, i) => i), [1, WINDOW]));
  const inside = unsqueeze(cast(less(index, to), "float64"), 2);
  const total = sum(mul(gather(tracks, min(index, sub(frames, 1))), inside), 1);
  return div(total, cast(sub(to, from), "float64"));
}

/** Describes how the voice moves, `[1, 14]`: see `phrasing` in ../states.ts. */
export function phrasing(ops: Ops, { octave, voiced }: Melody, heard: Value, frames: Value): Value {
  const {
    op,
    cast,
    mul,
    div,
    sub,
    add,
    max,
    sum,
    abs,
    sqrt,
    square,
    concat,
    slice,
    reshape,
    size,
    tensor,
    not,
    and,
  } = ops;
  const line = ops.unsqueeze(op("Compress", [octave, heard], { attributes: { axis: 0 } }), 1),
    count = size(line, 0);
  const spread = percentiles(ops, line, count, [5, 20, 50, 80, 95]);
  const seconds = div(mul(cast(frames, "float64"), HOP), SAMPLE_RATE);

  const is = cast(voiced, "bool"), no = tensor("bool", [0], [1]);
  const places = (edges: Value) => reshape(op("NonZero", [edges], { type: "int64" }), -1);
  const starts = places(and(is, not(concat([no, slice(is, 0, -1)], 0))));
  const ends = places(and(is, not(concat([slice(is, 1, frames), no], 0))));
  const toSeconds = (frames: Value) => div(mul(frames, HOP), SAMPLE_RATE);
  const runs = toSeconds(cast(add(sub(ends, starts), 1), "float64"));
  const stretches = cast(size(starts, 0), "float64"), some = max(stretches, 1);
  const meanRun = div(toSeconds(sum(voiced, 0)), some);
  // One more run of the mean length keeps the list from being empty, and adds nothing to the squares.
  const squares = square(sub(concat([runs, reshape(meanRun, 1)], 0), meanRun));

  return concat([
    mean(ops, line),
    deviation(ops, line),
    ...spread,
    sub(spread[3], spread[1]),
    mean(ops, abs(slope(ops, line, count))),
    rise(ops, line, count),
    ...[
      ops.mean(voiced, 0),
      div(stretches, max(seconds, FRAME / SAMPLE_RATE)),
      meanRun,
      sqrt(div(sum(squares, 0), some)),
    ].map((scalar) => reshape(scalar, 1, 1)),
  ], 1);
}

/** Rise from the first to the last value of `[count, 1]` along the least-squares line: `[1, 1]`. */
function rise(
  { cast, sub, div, mul, max, range, unsqueeze, sum, square }: Ops,
  x: Value,
  count: Value,
): Value {
  const last = sub(cast(count, "float64"), 1);
  const steps = unsqueeze(sub(cast(range(count), "float64"), div(last, 2)), 1);
  const squares = max(sum(square(steps), 0, true), 1e-9); // of one value: 0, and so is the product
  return mul(div(sum(mul(steps, x), 0, true), squares), last);
}
