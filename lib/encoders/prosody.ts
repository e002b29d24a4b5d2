import { mfcc, rms, spectralCentroid, zeroCrossingRate } from "./acoustic/descriptors.ts";
import { logMel, melFilters } from "./acoustic/mel.ts";
import { pitch, PITCH_FRAME } from "./acoustic/pitch.ts";
import { FRAME, HOP, powerSpectra } from "./acoustic/spectrum.ts";
import { meanAndDeviation, WINDOW_HOP } from "./acoustic/windows.ts";
import { PROSODY } from "./acoustic/graph/prosody.ts";
import { SAMPLE_RATE, type SpeechEncoder } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { speechGraph } from "./speech_graph.ts";

const COEFFICIENTS = 20;
/** Descriptors per frame; there are as many slopes. */
const DESCRIPTORS = 6 + COEFFICIENTS;
/** Frames that one state summarises: 0.76 s, as in speech-embedding, with which these states are combined. */
const WINDOW = 76;
/** Periodicity above which a frame counts as voiced. */
const VOICED = 0.5;
/** Part of the fingerprint: increase it when the states change. */
const VERSION = "1";

/**
 * Returns an encoder of prosody and voice quality, `[T,104]` at 12.5 Hz: mean and standard deviation over
 * 0.76 s of 26 descriptors and of their slopes per 10 ms. Frames are 25 ms long, 10 ms apart.
 *
 * The descriptors are: pitch in semitones above 100 Hz (YIN, interpolated between voiced frames, 0 if none is
 * voiced), periodicity 0 to 1, voiced 0 or 1, ln(RMS + 1e-5), sign changes per sample, ln(centroid in Hz +
 * 100), and 20 MFCCs of natural-log Slaney mels. They are the low-level descriptors of eGeMAPS (Eyben et al.
 * 2016) that are cheap to compute.
 *
 * A clip shorter than a window gives one state; an empty clip gives none.
 */
export function prosody(): SpeechEncoder {
  const filters = melFilters("slaney");
  return {
    id: "prosody",
    modality: "audio",
    fingerprint: fingerprint("prosody", VERSION),
    width: 4 * DESCRIPTORS,
    frameWidth: 2 * DESCRIPTORS,
    rate: 100 / WINDOW_HOP,
    middle: (FRAME + (WINDOW - 1) * HOP) / 2 / SAMPLE_RATE,
    encode: (batch) =>
      Promise.resolve(
        batch.map((samples) =>
          meanAndDeviation(withSlopes(describe(samples, filters)), 2 * DESCRIPTORS, WINDOW)
        ),
      ),
    graph: () => Promise.resolve(speechGraph(PROSODY)),
  };
}

/** Computes the descriptors of every frame, `[frames, DESCRIPTORS]`. */
function describe(samples: Float32Array, filters: Float64Array): Float64Array {
  const power = powerSpectra(samples);
  const energy = rms(samples), crossings = zeroCrossingRate(samples), centroid = spectralCentroid(power);
  const cepstrum = mfcc(logMel(power, filters), COEFFICIENTS);
  // The longer pitch frame has the same centre as the descriptor frame.
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

/**
 * Fills gaps (NaN): inner ones by linear interpolation, outer ones with the nearest value; all 0 if every
 * value is NaN.
 */
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

/** Appends each value's slope to its frame: least squares over two frames on either side, edges repeated. */
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
