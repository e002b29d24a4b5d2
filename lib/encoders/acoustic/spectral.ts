/**
 * Shape of short-time spectra: where the energy lies, how it falls off, how it changes. Definitions follow
 * eGeMAPS and librosa.
 */
import { BINS } from "./spectrum.ts";

const HZ = 40; // width of a bin
const FLOOR = 1e-10;
const bin = (hz: number) => Math.round(hz / HZ);

/** Names of the values that `spectralShape` returns, in order. */
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
 * Describes power spectra `[frames, BINS]` by these values per frame, `[frames, SHAPES.length]`: ln of the
 * mean power; ln of the centroid in Hz; deviation about the centroid, and the frequencies below which 25 and
 * 85 % of the power lie, in kHz; ln of geometric over arithmetic mean power; Euclidean distance between the
 * square roots of this and the previous frame's normalised power; ln of power in 1-5 kHz over power in 50
 * Hz-1 kHz; ln of the strongest bin below 2 kHz over the strongest in 2-5 kHz; slopes of ln power per kHz.
 *
 * Floors of 1e-10 keep the logarithms finite. In digital silence, where the values are undefined, the floors
 * determine them.
 */
export function spectralShape(power: Float64Array): Float64Array {
  const frames = power.length / BINS, width = SHAPES.length;
  const shape = new Float64Array(frames * width);
  const logs = new Float64Array(BINS);
  let roots = new Float64Array(BINS), before = new Float64Array(BINS); // of the normalised power
  for (let frame = 0; frame < frames; frame++) {
    const now = power.subarray(frame * BINS, (frame + 1) * BINS);
    let total = FLOOR, weighted = 0, squared = 0, sumOfLogs = 0;
    for (let k = 0; k < BINS; k++) {
      const kHz = k * HZ / 1000, p = now[k];
      total += p;
      weighted += p * kHz;
      squared += p * kHz * kHz;
      sumOfLogs += logs[k] = Math.log(p + FLOOR);
    }
    [before, roots] = [roots, before];
    for (let k = 0; k < BINS; k++) roots[k] = Math.sqrt(now[k] / total);
    const centroid = weighted / total;
    shape.set([
      Math.log(total / BINS),
      Math.log(1000 * centroid + 1),
      Math.sqrt(Math.max(0, squared / total - centroid ** 2)),
      rollOff(now, 0.25 * total),
      rollOff(now, 0.85 * total),
      sumOfLogs / BINS - Math.log(total / BINS),
      frame > 0 ? distance(before, roots) : 0,
      Math.log(sum(now, 1000, 5000)) - Math.log(sum(now, 50, 1000)),
      Math.log(peak(now, 0, 2000)) - Math.log(peak(now, 2000, 5000)),
      slope(logs, 0, 500),
      slope(logs, 500, 1500),
    ], frame * width);
  }
  return shape;
}

/** Frequency in kHz below which `part` of the power lies. */
function rollOff(power: Float64Array, part: number): number {
  let k = 0;
  for (let sum = power[0]; sum < part && k < BINS - 1;) sum += power[++k];
  return k * HZ / 1000;
}

function distance(a: Float64Array, b: Float64Array): number {
  let squares = 0;
  for (let k = 0; k < BINS; k++) squares += (b[k] - a[k]) ** 2;
  return Math.sqrt(squares);
}

/** Power between two frequencies in Hz. */
function sum(power: Float64Array, from: number, to: number): number {
  let sum = FLOOR;
  for (let k = bin(from); k < bin(to); k++) sum += power[k];
  return sum;
}

/** Power of the strongest bin between two frequencies in Hz. */
function peak(power: Float64Array, from: number, to: number): number {
  let peak = FLOOR;
  for (let k = bin(from); k < bin(to); k++) peak = Math.max(peak, power[k]);
  return peak;
}

/** Least-squares slope of ln power per kHz between two frequencies in Hz. */
function slope(logs: Float64Array, from: number, to: number): number {
  const first = bin(from), count = bin(to) - first, middle = (count - 1) / 2;
  let product = 0, squares = 0;
  for (let i = 0; i < count; i++) {
    product += (i - middle) * logs[first + i];
    squares += (i - middle) ** 2;
  }
  return product / squares / (HZ / 1000);
}
