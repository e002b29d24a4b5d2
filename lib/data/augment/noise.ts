/** Additive noise. */
import type { Random } from "../../random.ts";
import type { WaveformAugmentation } from "./augmentation.ts";
import { between } from "./between.ts";

/**
 * Returns samples with white Gaussian noise at exactly `snr` dB: 10 log10(P / N), where P and N are the mean
 * powers of clip and noise over the whole clip. Silence stays silence, because it has no ratio to noise.
 */
export function addNoise(samples: Float32Array, snr: number, { normal }: Random): Float32Array {
  const noise = Float64Array.from(samples, normal), power = powerOf(samples);
  if (power === 0) return samples;
  const scale = Math.sqrt(power / powerOf(noise) * 10 ** (-snr / 10));
  return samples.map((x, i) => x + scale * noise[i]);
}

const powerOf = (samples: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ** 2;
  return sum / samples.length || 0;
};

export const noise: WaveformAugmentation = {
  id: "noise",
  summary: "white noise at a signal-to-noise ratio in dB",
  acts: "waveform",
  limits: [-20, 100],
  apply: (samples, range, random) => addNoise(samples, between(range, random), random),
};
