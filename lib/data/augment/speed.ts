/** Speed, and pitch with it. */
import { resample, SAMPLE_RATE } from "../audio/mod.ts";
import type { WaveformAugmentation } from "./augmentation.ts";
import { between } from "./between.ts";

/** Speeds are multiples of this: each needs a resampling filter of its own. */
const STEP = 0.01;

/**
 * Returns samples that run `factor` times as fast, as a tape does: pitch and formants move, too (Ko et al.
 * 2015). There are round(n / factor) of them.
 */
export const changeSpeed = (samples: Float32Array, factor: number): Float32Array =>
  resample(samples, Math.round(SAMPLE_RATE * factor), SAMPLE_RATE);

export const speed: WaveformAugmentation = {
  id: "speed",
  summary: "speed and pitch changed by at most this share (0.1: 0.9 to 1.1 times), in steps of 0.01",
  acts: "waveform",
  limits: [0, 2],
  range: (share) => [1 - share, 1 + share],
  apply: (samples, range, random) =>
    changeSpeed(samples, Math.max(STEP, Math.round(between(range, random) / STEP) * STEP)),
};
