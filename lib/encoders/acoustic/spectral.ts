/** Shape of short-time spectra: where their energy lies, how it falls off, how it moves. Definitions after eGeMAPS and librosa. */
import { BINS } from "./spectrum.ts";

const HZ = 40; // from one bin to the next
const FLOOR = 1e-10;
const bin = (hz: number) => Math.round(hz / HZ);

/** Names of the values of `spectralShape`, in their order. */
export const SHAPES = [
  "log energy",
  "log centroid",
  "spread",
  "roll-off 25 %",
  "roll-off 85 %",
  "flatness",
  "flux",
  "alpha ratio",
  "Hammarberg index",
  "slope 0-500 Hz",
  "slope 500-1500 Hz",
] as const;

/**
 * Of power spectra `[frames, BINS]`, per frame `[frames, SHAPES.length]`: ln of the mean power; ln of the centroid in Hz;
 * deviation about it and the frequencies below which 25 and 85 % of the power lie, in kHz; ln of geometric over
 * arithmetic mean power; Euclidean distance of the square roots of this and the last frame's normalised power; ln of
 * power in 1-5 kHz over 50 Hz-1 kHz; ln of the strongest bin below over above 2 kHz; slopes of ln power per kHz.
 */
export function spectralShape(power: Float64Array): Float64Array {
  const frames = power.length / BINS, width = SHAPES.length;
  const shape = new Float64Array(frames * width);
  for (let frame = 0; frame < frames; frame++) {
    const now = power.subarray(frame * BINS, (frame + 1) * BINS);
    const before = frame > 0 ? power.subarray((frame - 1) * BINS, frame * BINS) : now;
    let total = FLOOR, weighted = 0, squared = 0, logs = 0;
    for (let k = 0; k < BINS; k++) {
      const kHz = k * HZ / 1000, p = now[k];
      total += p;
      weighted += p * kHz;
      squared += p * kHz * kHz;
      logs += Math.log(p + FLOOR);
    }
    const centroid = weighted / total;
    shape.set([
      Math.log(total / BINS),
      Math.log(1000 * centroid + 1),
      Math.sqrt(Math.max(0, squared / total - centroid ** 2)),
      rollOff(now, 0.25 * total),
      rollOff(now, 0.85 * total),
      logs / BINS - Math.log(total / BINS),
      flux(before, now),
      Math.log(sum(now, 1000, 5000)) - Math.log(sum(now, 50, 1000)),
      Math.log(peak(now, 0, 2000)) - Math.log(peak(now, 2000, 5000)),
      slope(now, 0, 500),
      slope(now, 500, 1500),
    ], frame * width);
  }
  return shape;
}

/** kHz below which `part` of the power lies. */
function rollOff(power: Float64Array, part: number): number {
  let k = 0;
  for (let sum = power[0]; sum < part && k < BINS - 1;) sum += power[++k];
  return k * HZ / 1000;
}

function flux(before: Float64Array, now: Float64Array): number {
  const [totalBefore, totalNow] = [before, now].map((power) => power.reduce((a, b) => a + b, FLOOR));
  let squares = 0;
  for (let k = 0; k < BINS; k++) {
    squares += (Math.sqrt(now[k] / totalNow) - Math.sqrt(before[k] / totalBefore)) ** 2;
  }
  return Math.sqrt(squares);
}

/** Power from one frequency in Hz up to another. */
const sum = (power: Float64Array, from: number, to: number): number =>
  power.subarray(bin(from), bin(to)).reduce((a, b) => a + b, FLOOR);

const peak = (power: Float64Array, from: number, to: number): number =>
  power.subarray(bin(from), bin(to)).reduce((a, b) => Math.max(a, b), FLOOR);

/** Least-squares slope of ln power over kHz. */
function slope(power: Float64Array, from: number, to: number): number {
  const first = bin(from), count = bin(to) - first, middle = (count - 1) / 2;
  let product = 0, squares = 0;
  for (let i = 0; i < count; i++) {
    product += (i - middle) * Math.log(power[first + i] + FLOOR);
    squares += (i - middle) ** 2;
  }
  return product / squares / (HZ / 1000);
}
