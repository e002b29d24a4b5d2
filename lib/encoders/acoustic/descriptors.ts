/** Plain descriptors of 25 ms frames, 10 ms apart (see spectrum.ts for the grid). */
import { SAMPLE_RATE } from "../encoder.ts";
import { MELS } from "./mel.ts";
import { BINS, FRAME, frameCount, HOP } from "./spectrum.ts";

/** Root mean square of each frame, without a window function. */
export const rms = (samples: Float32Array): Float64Array =>
  eachFrame(samples, (frame) => Math.sqrt(frame.reduce((sum, x) => sum + x * x, 0) / FRAME));

/** Sign changes per sample in each frame; |x| <= 1e-10 counts as 0, and 0 counts as positive. */
export function zeroCrossingRate(samples: Float32Array): Float64Array {
  const changes = new Int32Array(Math.max(samples.length, FRAME)); // up to each sample
  for (let i = 1; i < changes.length; i++) {
    const negative = i < samples.length && samples[i] < -1e-10;
    changes[i] = changes[i - 1] + Number(negative !== samples[i - 1] < -1e-10);
  }
  return Float64Array.from({ length: frameCount(samples.length) }, (_, frame) => {
    const first = frame * HOP;
    return (changes[first + FRAME - 1] - changes[first]) / FRAME;
  });
}

/** Mean frequency in Hz of each magnitude spectrum, from power spectra `[frames, BINS]`; 0 in silence. */
export function spectralCentroid(power: Float64Array): Float64Array {
  return Float64Array.from({ length: power.length / BINS }, (_, frame) => {
    let weighted = 0, total = 0;
    for (let k = 0; k < BINS; k++) {
      const magnitude = Math.sqrt(power[frame * BINS + k]);
      weighted += magnitude * k * SAMPLE_RATE / FRAME;
      total += magnitude;
    }
    return total > 0 ? weighted / total : 0;
  });
}

/** Returns the first `count` coefficients `[frames, count]` of the orthonormal DCT-II of log-mel spectra. */
export function mfcc(logMel: Float32Array, count: number): Float64Array {
  const frames = logMel.length / MELS;
  const basis = Float64Array.from({ length: count * MELS }, (_, at) => {
    const k = Math.floor(at / MELS), band = at % MELS;
    return Math.sqrt((k === 0 ? 1 : 2) / MELS) * Math.cos(Math.PI * k * (band + 0.5) / MELS);
  });
  const coefficients = new Float64Array(frames * count);
  for (let frame = 0; frame < frames; frame++) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let band = 0; band < MELS; band++) sum += basis[k * MELS + band] * logMel[frame * MELS + band];
      coefficients[frame * count + k] = sum;
    }
  }
  return coefficients;
}

/** Computes one number per frame; samples past the end of a short clip are 0. */
function eachFrame(samples: Float32Array, describe: (frame: Float32Array) => number): Float64Array {
  const frame = new Float32Array(FRAME);
  return Float64Array.from({ length: frameCount(samples.length) }, (_, i) => {
    frame.fill(0);
    frame.set(samples.subarray(i * HOP, i * HOP + FRAME));
    return describe(frame);
  });
}
