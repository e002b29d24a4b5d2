/** Whisper's input: log-mel spectra, computed as transformers' WhisperFeatureExtractor computes them. */
import { logMel, melFilters } from "../../../acoustic/mel.ts";
import { FRAME, HOP, powerSpectra } from "../../../acoustic/spectrum.ts";
import type { Row } from "../../../encoder.ts";

/** Samples from one hidden state to the next: each state stands for two spectra. */
export const STATE = 2 * HOP;

/** Samples before a spectrum's centre. */
const HALF = FRAME / 2;
/** Spectra computed at a time, so that memory has a bound. */
const BLOCK = 3000;
/** The decimal logarithm of the floor, 1e-10; the range that is kept below the loudest value; the scaling. */
const FLOOR = -10, RANGE = 8, OFFSET = 4, SCALE = 4;

/** Number of hidden states that have a sample of their own at their centre; at least 1. */
export const statesOf = (samples: number): number => Math.max(1, Math.ceil(samples / STATE));

/**
 * Returns spectra `[2 states, bands]` of a recording, padded with zeros or cut to `states` hidden states: the
 * decimal logarithm of `bands` mel energies (Slaney's scale, 0 to 8000 Hz), at most 8 below the loudest, plus
 * 4, divided by 4. Spectra are 25 ms long and centred at multiples of 10 ms; the ends are mirrored.
 */
export function whisperFeatures(row: Row, states: number, bands: number): Float32Array {
  const length = states * STATE, frames = 2 * states, filters = filtersOf(bands);
  const padded = new Float32Array(length + FRAME);
  for (let i = 0; i < Math.min(row.length, length); i++) padded[HALF + i] = row[i];
  for (let i = 1; i <= HALF; i++) {
    padded[HALF - i] = padded[HALF + i];
    padded[HALF + length - 1 + i] = padded[HALF + length - 1 - i];
  }
  const result = new Float32Array(frames * bands).fill(FLOOR);
  // Spectra beyond the recording are those of silence.
  const heard = Math.min(frames, Math.ceil((Math.min(row.length, length) + HALF) / HOP));
  for (let from = 0; from < heard; from += BLOCK) {
    const to = Math.min(heard, from + BLOCK);
    const power = powerSpectra(padded.subarray(from * HOP, (to - 1) * HOP + FRAME));
    result.set(logMel(power, filters).map((energy) => energy / Math.LN10), from * bands);
  }
  const floor = result.reduce((most, x) => Math.max(most, x), FLOOR) - RANGE;
  return result.map((x) => (Math.max(x, floor) + OFFSET) / SCALE);
}

const made = new Map<number, Float64Array>();

function filtersOf(bands: number): Float64Array {
  const filters = made.get(bands) ?? melFilters("slaney", { bands, lowest: 0, highest: 8000 });
  made.set(bands, filters);
  return filters;
}
