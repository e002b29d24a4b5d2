/** Mel filter banks and log-mel spectra. */
import { SAMPLE_RATE } from "../encoder.ts";
import { BINS, FRAME } from "./spectrum.ts";

/** Number of mel bands. */
export const MELS = 80;
const LOWEST_HZ = 20, HIGHEST_HZ = 7600;
const FLOOR = 1e-10;

/** Slaney: linear below 1 kHz, logarithmic above (Auditory Toolbox); HTK: 2595 log10(1 + f / 700). */
export type MelScale = "slaney" | "htk";

const SLANEY_LINEAR = 200 / 3; // Hz per mel below 1 kHz
const SLANEY_STEP = Math.log(6.4) / 27; // natural logarithm per mel above
const SCALES: Record<MelScale, { toMel(hz: number): number; toHz(mel: number): number }> = {
  slaney: {
    toMel: (hz) => hz < 1000 ? hz / SLANEY_LINEAR : 15 + Math.log(hz / 1000) / SLANEY_STEP,
    toHz: (mel) => mel < 15 ? mel * SLANEY_LINEAR : 1000 * Math.exp((mel - 15) * SLANEY_STEP),
  },
  htk: {
    toMel: (hz) => 2595 * Math.log10(1 + hz / 700),
    toHz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
};

/**
 * Triangular filters `[bands, BINS]`, by default 80 from 20 to 7600 Hz: of area 1 on the Slaney scale, of
 * height 1 on HTK's.
 */
export function melFilters(
  scale: MelScale,
  { bands = MELS, lowest = LOWEST_HZ, highest = HIGHEST_HZ } = {},
): Float64Array {
  const { toMel, toHz } = SCALES[scale];
  const low = toMel(lowest), step = (toMel(highest) - low) / (bands + 1);
  const corners = Float64Array.from({ length: bands + 2 }, (_, i) => toHz(low + i * step));
  const filters = new Float64Array(bands * BINS);
  for (let band = 0; band < bands; band++) {
    const [left, centre, right] = corners.subarray(band, band + 3);
    const height = scale === "slaney" ? 2 / (right - left) : 1;
    for (let k = 0; k < BINS; k++) {
      const hz = k * SAMPLE_RATE / FRAME;
      const triangle = Math.min((hz - left) / (centre - left), (right - hz) / (right - centre));
      filters[band * BINS + k] = height * Math.max(0, triangle);
    }
  }
  return filters;
}

/** ln(max(filters · power, 1e-10)), `[frames, bands]`, of power spectra `[frames, BINS]`. */
export function logMel(power: Float64Array, filters: Float64Array): Float32Array {
  const frames = power.length / BINS, count = filters.length / BINS;
  const bands = Array.from({ length: count }, (_, band) => {
    const filter = filters.subarray(band * BINS, (band + 1) * BINS);
    return { filter, from: filter.findIndex((x) => x > 0), to: filter.findLastIndex((x) => x > 0) };
  });
  const mel = new Float32Array(frames * count);
  for (let frame = 0; frame < frames; frame++) {
    bands.forEach(({ filter, from, to }, band) => {
      let energy = 0;
      for (let k = from; k <= to; k++) energy += filter[k] * power[frame * BINS + k];
      mel[frame * count + band] = Math.log(Math.max(energy, FLOOR));
    });
  }
  return mel;
}
