/** Loudness. */
import type { WaveformAugmentation } from "./augmentation.ts";
import { between } from "./between.ts";

/** Returns samples that are `decibels` louder. They may leave [-1, 1]; nothing is clipped. */
export const amplify = (samples: Float32Array, decibels: number): Float32Array => {
  const factor = 10 ** (decibels / 20);
  return samples.map((x) => x * factor);
};

export const gain: WaveformAugmentation = {
  id: "gain",
  summary: "loudness changed by at most N dB, either way",
  acts: "waveform",
  limits: [-60, 60],
  range: (most) => [-Math.abs(most), Math.abs(most)],
  apply: (samples, range, random) => amplify(samples, between(range, random)),
};
