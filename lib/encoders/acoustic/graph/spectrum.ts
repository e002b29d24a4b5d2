/** Spectra and descriptors of short frames as operators: ../spectrum.ts, ../mel.ts and ../spectral.ts. */
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import { inChunks } from "../../onnx_graph/chunks.ts";
import { melFilters, MELS } from "../mel.ts";
import { BINS, FRAME, HOP } from "../spectrum.ts";
import { fft, mirrored } from "./fft.ts";
import { framesAt } from "./frames.ts";

const FLOOR = 1e-10;
const HZ = 40; // width of a bin
const bin = (hz: number) => Math.round(hz / HZ);
/** Pairs of frames that are transformed together. */
const PAIRS = 64;

const hann = Array.from({ length: FRAME }, (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / FRAME));

/** Power spectra `[frames, BINS]` of float64 samples that have FRAME + HOP zeros at their end. */
export function powerSpectra(ops: Ops, samples: Value, frames: Value): Value {
  const pairs = ops.div(ops.add(frames, 1), 2);
  const [power] = inChunks(ops, pairs, PAIRS, (ops, indices) => {
    const { add, sub, mul, div, square, cast, less, tensor, unsqueeze, concat } = ops;
    const window = tensor("float64", hann, [FRAME]);
    const even = mul(indices, 2), odd = add(even, 1);
    const frame = (index: Value) => mul(framesAt(ops, samples, mul(index, HOP), FRAME), window);
    const exists = unsqueeze(cast(less(odd, frames), "float64"), 1);
    const [re, im] = fft(ops, [frame(even), mul(frame(odd), exists)], FRAME); // one transform does two frames
    const [reHere, reMirror] = mirrored(ops, re, FRAME, BINS),
      [imHere, imMirror] = mirrored(ops, im, FRAME, BINS);
    const powerOf = (a: Value, b: Value) => div(add(square(a), square(b)), 4);
    const first = powerOf(add(reHere, reMirror), sub(imHere, imMirror));
    const second = powerOf(add(imHere, imMirror), sub(reMirror, reHere));
    return [concat([unsqueeze(first, 1), unsqueeze(second, 1)], 1)];
  });
  return ops.slice(ops.reshape(power, -1, BINS), 0, frames);
}

/** ln(max(filters · power, 1e-10)) `[frames, MELS]`, rounded to float32 as the encoder's. */
export function logMel({ matMul, tensor, max, log, cast }: Ops, power: Value): Value {
  const filters = melFilters("slaney"), columns = new Float64Array(BINS * MELS);
  filters.forEach((x, i) => columns[(i % BINS) * MELS + Math.floor(i / BINS)] = x);
  const energy = matMul(power, tensor("float64", columns, [BINS, MELS]));
  return cast(cast(log(max(energy, FLOOR)), "float32"), "float64");
}

/** Sign changes per sample `[frames, 1]`. */
export function zeroCrossingRate(ops: Ops, samples: Value, frames: Value): Value {
  const [rate] = inChunks(ops, frames, 2 * PAIRS, (ops, indices) => {
    const { cast, less, sub, abs, sum, div, mul, slice } = ops;
    const negative = cast(less(framesAt(ops, samples, mul(indices, HOP), FRAME), -1e-10), "float64");
    const changes = abs(sub(slice(negative, 1, FRAME, 1), slice(negative, 0, FRAME - 1, 1)));
    return [div(sum(changes, 1, true), FRAME)];
  });
  return rate;
}

/** The values of ../spectral.ts, `[frames, SHAPES.length]`. */
export function spectralShape(ops: Ops, power: Value, frames: Value): Value {
  const { add, sub, mul, div, max, less, sqrt, log, square, sum, maximum, cumSum, cast, slice, concat } = ops;
  const { matMul, tensor, expand } = ops;
  const column = (valueOf: (k: number) => number) =>
    tensor("float64", Array.from({ length: BINS }, (_, k) => valueOf(k)), [BINS, 1]);
  const kHz = (k: number) => k * HZ / 1000;

  const running = cumSum(power, 1);
  const floors = expand(tensor("float64", [FLOOR], [1, 1]), frames, 1);
  const total = slice(cumSum(concat([floors, power], 1), 1), BINS, BINS + 1, 1);
  const centroid = div(matMul(power, column(kHz)), total);
  const spread = sqrt(max(sub(div(matMul(power, column((k) => kHz(k) ** 2)), total), square(centroid)), 0));
  const rollOff = (part: number) => {
    const below = cast(less(slice(running, 0, BINS - 1, 1), mul(total, part)), "float64");
    return mul(sum(below, 1, true), HZ / 1000);
  };
  const logs = log(add(power, FLOOR)), level = log(div(total, BINS));
  const flatness = sub(div(sum(logs, 1, true), BINS), level);
  const roots = sqrt(div(power, total));
  const change = sub(slice(roots, 1, frames), slice(roots, 0, sub(frames, 1)));
  const flux = concat([tensor("float64", [0], [1, 1]), sqrt(sum(square(change), 1, true))], 0);
  const between = (from: number, to: number) => slice(power, bin(from), bin(to), 1);
  const levelOf = (from: number, to: number) => log(add(sum(between(from, to), 1, true), FLOOR));
  const peak = (from: number, to: number) => log(max(maximum(between(from, to), 1, true), FLOOR));
  return concat([
    level,
    log(add(mul(centroid, 1000), 1)),
    spread,
    rollOff(0.25),
    rollOff(0.85),
    flatness,
    flux,
    sub(levelOf(1000, 5000), levelOf(50, 1000)),
    sub(peak(0, 2000), peak(2000, 5000)),
    slope(0, 500),
    slope(500, 1500),
  ], 1);

  /** Least-squares slope of ln power per kHz: a weighted sum. */
  function slope(from: number, to: number): Value {
    const first = bin(from), count = bin(to) - first, middle = (count - 1) / 2;
    const squares = Array.from({ length: count }, (_, i) => (i - middle) ** 2).reduce((a, b) => a + b);
    return matMul(
      logs,
      column((k) => k >= first && k < first + count ? (k - first - middle) / squares / (HZ / 1000) : 0),
    );
  }
}
