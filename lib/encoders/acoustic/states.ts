/** What all versions of the acoustic encoder share: descriptors of short frames, and states made of them. */
import { SAMPLE_RATE, type Sequence } from "../encoder.ts";
import { zeroCrossingRate } from "./descriptors.ts";
import { deviation, mean, percentiles, rise, slope, type Tracks } from "./functionals.ts";
import { logMel, melFilters, MELS } from "./mel.ts";
import { type Melody, melody } from "./melody.ts";
import { pitchFrameByFrame, type PitchTracker } from "./pitch.ts";
import { SHAPES, spectralShape } from "./spectral.ts";
import { FRAME, frameCount, HOP, powerSpectra } from "./spectrum.ts";

/** Short frames from one state to the next (80 ms). */
export const STEP = 8;
/** Short frames that one state averages (160 ms). */
const WINDOW = 16;
/** States per second. */
export const RATE = SAMPLE_RATE / HOP / STEP;
/** Speech embedding t covers 0.78 s from 0.08 t s on, so its centre is four states later. */
const EMBEDDING_LEAD = 4;

const filters = melFilters("slaney");

/** Descriptors of a clip's short frames: 16 tracks, log-mel bands, and the course of its pitch. */
export interface Description {
  tracks: Tracks;
  mel: Tracks;
  melodic: Melody;
}

/**
 * Makes states of a clip: each has the nearest speech embedding, the mean of the descriptors around it, and
 * `whole`, which is the same for all.
 */
export function statesOf(
  { tracks, mel }: Description,
  embedded: Sequence,
  whole: readonly number[],
): Sequence {
  const width = embedded.width + mel.width + tracks.width + whole.length;
  const length = tracks.length === 0 ? 0 : Math.max(1, Math.floor(tracks.length / STEP));
  const data = new Float32Array(length * width);
  for (let t = 0; t < length; t++) {
    const nearest = Math.min(embedded.length - 1, Math.max(0, t - EMBEDDING_LEAD)) * embedded.width;
    const own = embedded.data.subarray(nearest, nearest + embedded.width);
    let at = t * width;
    for (const part of [own, around(mel, t), around(tracks, t), whole]) {
      data.set(part, at);
      at += part.length;
    }
  }
  return { data, length, width };
}

/** Computes log-mel bands and descriptors of every short frame. */
export function describe(samples: Float32Array, track: PitchTracker = pitchFrameByFrame): Description {
  const length = frameCount(samples.length), power = powerSpectra(samples);
  const shape = spectralShape(power), zeroCrossings = zeroCrossingRate(samples);
  const melodic = melody(
    samples,
    Float64Array.from({ length }, (_, i) => Math.exp(shape[i * SHAPES.length])),
    track,
  );
  const { octave, voiced, periodicity, harmonicity } = melodic;
  const width = SHAPES.length + 5, data = new Float64Array(length * width);
  for (let i = 0; i < length; i++) {
    data.set([octave[i], voiced[i], periodicity[i], harmonicity[i], zeroCrossings[i]], i * width);
    data.set(shape.subarray(i * SHAPES.length, (i + 1) * SHAPES.length), i * width + 5);
  }
  const tracks: Tracks = { data, length, width };
  const mel: Tracks = { data: logMel(power, filters), length, width: MELS };
  return { tracks, mel, melodic };
}

/** Returns the mean of the short frames around the centre of state `t`. */
function around({ data, length, width }: Tracks, t: number): Float64Array {
  const middle = STEP * t + STEP / 2;
  const to = Math.min(length, middle + WINDOW / 2), from = Math.min(to - 1, Math.max(0, middle - WINDOW / 2));
  const sum = new Float64Array(width);
  for (let frame = from; frame < to; frame++) {
    for (let i = 0; i < width; i++) sum[i] += data[frame * width + i];
  }
  return sum.map((x) => x / (to - from));
}

/**
 * Describes how the voice moves. Of pitch over voiced frames, in octaves: mean, deviation, percentiles 5, 20,
 * 50, 80 and 95, the range from the 20th to the 80th, mean size of the slope, and overall rise. Of voicing:
 * share of voiced frames, voiced stretches per second, mean and deviation of their length in s.
 */
export function phrasing({ octave, voiced }: Melody): number[] {
  const some = voiced.includes(1), heard = octave.filter((_, i) => !some || voiced[i] === 1);
  const spread = percentiles(heard, [5, 20, 50, 80, 95]);
  const seconds = voiced.length * HOP / SAMPLE_RATE,
    stretches = runs(voiced).map((frames) => frames * HOP / SAMPLE_RATE);
  return [
    mean(heard),
    deviation(heard),
    ...spread,
    spread[3] - spread[1],
    mean(slope(heard).map(Math.abs)),
    rise(heard),
    mean(voiced),
    stretches.length / Math.max(seconds, FRAME / SAMPLE_RATE),
    mean(stretches),
    deviation(stretches),
  ];
}

/** Returns the lengths of the runs of ones. */
function runs(voiced: Float64Array): Float64Array {
  const lengths: number[] = [];
  voiced.forEach((v, i) => {
    if (v && !(i > 0 && voiced[i - 1])) lengths.push(0);
    if (v) lengths[lengths.length - 1]++;
  });
  return Float64Array.from(lengths);
}
