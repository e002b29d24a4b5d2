import { mfcc, rms, spectralCentroid, zeroCrossingRate } from "./acoustic/descriptors.ts";
import { logMel, melFilters } from "./acoustic/mel.ts";
import { pitch, PITCH_FRAME } from "./acoustic/pitch.ts";
import { FRAME, HOP, powerSpectra } from "./acoustic/spectrum.ts";
import { meanAndDeviation, WINDOW_HOP } from "./acoustic/windows.ts";
import type { SpeechEncoder } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";

const COEFFICIENTS = 20;
/** Descriptors of a frame, and as many for how they change. */
const DESCRIPTORS = 6 + COEFFICIENTS;
/** Frames that a state sums up: 0.76 s, as in speech-embedding, whose states these stand beside. */
const WINDOW = 76;
/** Periodicity above which a frame counts as voiced. */
const VOICED = 0.5;
/** Part of the fingerprint: raise it when a state changes. */
const VERSION = "1";

/**
 * Prosody and voice quality, [T,104] at 12.5 Hz: mean and standard deviation, over 0.76 s, of 26 descriptors in frames
 * of 25 ms every 10 ms and of their slopes per 10 ms. The descriptors: pitch in semitones over 100 Hz (YIN, filled in
 * between voiced frames; 0 where there are none), periodicity 0 to 1, voiced 0 or 1, ln(RMS + 1e-5), sign changes per
 * sample, ln(centroid in Hz + 100), 20 MFCC of natural-log Slaney mels. The choice follows the low-level descriptors of
 * eGeMAPS (Eyben et al. 2016) as far as they are cheap. A clip shorter than a window is one state, an empty one none.
 */
export function prosody(): SpeechEncoder {
  const filters = melFilters("slaney");
  return {
    id: "prosody",
    modality: "audio",
    fingerprint: fingerprint("prosody", VERSION),
    width: 4 * DESCRIPTORS,
    rate: 100 / WINDOW_HOP,
    encode: (batch) =>
      Promise.resolve(
        batch.map((samples) =>
          meanAndDeviation(withSlopes(describe(samples, filters)), 2 * DESCRIPTORS, WINDOW)
        ),
      ),
  };
}

/** `[frames, DESCRIPTORS]`. */
function describe(samples: Float32Array, filters: Float64Array): Float64Array {
  const power = powerSpectra(samples);
  const energy = rms(samples), crossings = zeroCrossingRate(samples), centroid = spectralCentroid(power);
  const cepstrum = mfcc(logMel(power, filters), COEFFICIENTS);
  // The pitch's longer frame has the same middle.
  const pitches = Array.from(energy, (_, i) => pitch(samples, i * HOP + (FRAME - PITCH_FRAME) / 2));
  const semitones = bridge(
    pitches.map(({ f0, periodicity }) => periodicity > VOICED ? 12 * Math.log2(f0 / 100) : NaN),
  );
  const frames = new Float64Array(energy.length * DESCRIPTORS);
  pitches.forEach(({ periodicity }, i) => {
    frames.set([
      semitones[i],
      periodicity,
      Number(periodicity > VOICED),
      Math.log(energy[i] + 1e-5),
      crossings[i],
      Math.log(centroid[i] + 100),
      ...cepstrum.subarray(i * COEFFICIENTS, (i + 1) * COEFFICIENTS),
    ], i * DESCRIPTORS);
  });
  return frames;
}

/** Fills gaps (NaN) by straight lines, ends by the nearest value, and everything by 0 where there is none. */
export function bridge(values: readonly number[]): number[] {
  const known = values.flatMap((value, i) => Number.isNaN(value) ? [] : i);
  if (known.length === 0) return values.map(() => 0);
  let next = 0;
  return values.map((_, i) => {
    while (next < known.length && known[next] < i) next++;
    const right = known[Math.min(next, known.length - 1)], left = known[Math.max(0, next - 1)];
    if (i <= left || i >= right) return values[i <= left ? left : right];
    return values[left] + (values[right] - values[left]) * (i - left) / (right - left);
  });
}

/** Appends to each frame the slopes of its values: least squares over two frames on either side, ends repeated. */
export function withSlopes(frames: Float64Array): Float64Array {
  const count = frames.length / DESCRIPTORS;
  const value = (frame: number, i: number) =>
    frames[Math.max(0, Math.min(count - 1, frame)) * DESCRIPTORS + i];
  const both = new Float64Array(2 * frames.length);
  for (let t = 0; t < count; t++) {
    for (let i = 0; i < DESCRIPTORS; i++) {
      const slope = value(t + 1, i) - value(t - 1, i) + 2 * (value(t + 2, i) - value(t - 2, i));
      both[2 * t * DESCRIPTORS + i] = value(t, i);
      both[(2 * t + 1) * DESCRIPTORS + i] = slope / 10;
    }
  }
  return both;
}
