/** The states of ../../prosody.ts as operators of an ONNX graph, for one clip. */
import { SAMPLE_RATE } from "../../encoder.ts";
import { inChunks } from "../../onnx_graph/chunks.ts";
import type { Ops, Value } from "../../onnx_graph/builder.ts";
import type { ClipGraph } from "../../speech_graph.ts";
import { MELS } from "../mel.ts";
import { BINS, FRAME, HOP } from "../spectrum.ts";
import { frameCount, framesAt, padded } from "./frames.ts";
import { slope } from "./functionals.ts";
import { interpolated, pitches } from "./melody.ts";
import { logMel, powerSpectra, zeroCrossingRate } from "./spectrum.ts";
import { meanAndDeviation, windowCount } from "./windows.ts";

const COEFFICIENTS = 20, WINDOW = 76, VOICED = 0.5;
/** Frames whose loudness is computed together. */
const FRAMES = 128;

export const PROSODY: ClipGraph = {
  width: 4 * (6 + COEFFICIENTS),
  lengthOf: (ops, samples) => windowCount(ops, samples, WINDOW),
  statesOf(ops, samples) {
    const count = ops.size(samples, 0),
      frames = frameCount(ops, count),
      values = describe(ops, samples, frames);
    const both = ops.concat([values, slope(ops, values, frames)], 1);
    return meanAndDeviation(ops, both, windowCount(ops, count, WINDOW), WINDOW);
  },
};

/** The descriptors of every frame, float64 `[frames, 26]`. */
function describe(ops: Ops, samples: Value, frames: Value): Value {
  const { add, mul, div, less, log, cast, concat, unsqueeze } = ops;
  const { short, long } = padded(ops, samples), power = powerSpectra(ops, short, frames);
  const { f0, periodicity } = pitches(ops, long, frames), voiced = cast(less(VOICED, periodicity), "float64");
  const semitones = interpolated(ops, mul(log(div(f0, 100)), 12 / Math.LN2), voiced, frames);
  return concat([
    ...[semitones, periodicity, voiced].map((track) => unsqueeze(track, 1)),
    log(add(rms(ops, short, frames), 1e-5)),
    zeroCrossingRate(ops, short, frames),
    log(add(centroid(ops, power), 100)),
    mfcc(ops, logMel(ops, power), COEFFICIENTS),
  ], 1);
}

/** The first `count` coefficients of the orthonormal DCT-II of log-mel spectra `[frames, MELS]`. */
export function mfcc({ matMul, tensor }: Ops, logMel: Value, count: number): Value {
  const cosines = Array.from({ length: MELS * count }, (_, at) => {
    const band = Math.floor(at / count), k = at % count;
    return Math.sqrt((k === 0 ? 1 : 2) / MELS) * Math.cos(Math.PI * k * (band + 0.5) / MELS);
  });
  return matMul(logMel, tensor("float64", cosines, [MELS, count]));
}

/** Root mean square of each frame, `[frames, 1]`. */
function rms(ops: Ops, samples: Value, frames: Value): Value {
  const [level] = inChunks(ops, frames, FRAMES, (ops, indices) => {
    const frame = framesAt(ops, samples, ops.mul(indices, HOP), FRAME);
    return [ops.sqrt(ops.div(ops.sum(ops.square(frame), 1, true), FRAME))];
  });
  return level;
}

/** Mean frequency in Hz of each magnitude spectrum, `[frames, 1]`; 0 in silence. */
function centroid({ sqrt, matMul, tensor, sum, div, where, less }: Ops, power: Value): Value {
  const magnitude = sqrt(power), total = sum(magnitude, 1, true), some = less(0, total);
  const hz = tensor("float64", Array.from({ length: BINS }, (_, k) => k * SAMPLE_RATE / FRAME), [BINS, 1]);
  return where(some, div(matMul(magnitude, hz), where(some, total, 1)), 0);
}
