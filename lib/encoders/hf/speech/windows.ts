/**
 * The passes of a frozen speech encoder: short recordings together, and one that is too long for one pass in
 * overlapping windows that are prepared as one recording.
 */
import type { Feed } from "../../../compute/mod.ts";
import type { Row, WeightReader } from "../../encoder.ts";
import { type Window, windowsOver } from "../../windows.ts";
import { FIRST_BIAS, FIRST_WEIGHT } from "./convolutions.ts";
import { framesOf, hopOf, paddedFrames, samplesOf } from "./frames.ts";
import type { SpeechConfig } from "./settings.ts";
import { normalised, padded } from "./waveform.ts";

/** The most bytes of one tensor in a pass. A pass needs several of this size at a time. */
const LARGEST_TENSOR = 2 ** 28;

/**
 * Returns the most frames of one pass, a padded number: 2,008 (40 s) in wav2vec2 base. The largest tensors
 * are the outputs of convolutions, and the attention map of a layer, which grows with the square of the
 * frames.
 */
export function mostFrames(config: SpeechConfig): number {
  const { conv_dim, conv_stride, num_attention_heads: heads } = config;
  const widths = conv_dim.map((width, i) => width * hopOf({ conv_stride: conv_stride.slice(i + 1) }));
  const fits = (frames: number) => 4 * frames * Math.max(heads * frames, ...widths) <= LARGEST_TENSOR;
  let frames = paddedFrames(1);
  while (fits(paddedFrames(frames + 1))) frames = paddedFrames(frames + 1);
  return frames;
}

/**
 * Most recordings in a pass, and most padded frames of them all: 16 s of wav2vec2. Memory grows with both. In
 * wav2vec2's base size, clips of 1 s take 0.76 of their time alone (quartiles 0.73 and 0.83); clips of 3 s
 * gain nothing (0.96 and 1.00).
 */
const MOST_TOGETHER = 4, MOST_PADDED = 800;

/**
 * Returns how many recordings share a pass with `row`: all have one padded length, so that each is padded as
 * it would be alone.
 */
export function speechPass(row: Row, config: SpeechConfig): { key: number; rows: number; whole: boolean } {
  const key = paddedFrames(framesOf(Math.max(row.length, samplesOf(1, config)), config));
  const most = Math.min(MOST_PADDED, mostFrames(config));
  return { key, rows: Math.max(1, Math.min(MOST_TOGETHER, Math.floor(most / key))), whole: true };
}

/**
 * Yields the inputs of one pass per window of `most` frames, a padded number. Loudness and the group norm of
 * the first convolution are those of the whole recording, so that only attention hears less than in one pass.
 */
export async function* speechWindows(
  row: Row,
  weight: WeightReader,
  config: SpeechConfig,
  normalise: boolean,
  most: number,
): AsyncGenerator<{ feed: Feed; window: Window }> {
  const samples = normalise ? normalised(row) : Float32Array.from(row), hop = hopOf(config);
  const moments = config.feat_extract_norm === "group" ? await firstMoments(samples, weight, config) : {};
  for (const window of windowsOver(framesOf(samples.length, config), most)) {
    const start = window.start * hop, part = samples.subarray(start, start + samplesOf(most, config));
    yield { window, feed: { ...padded([part], config), ...moments } };
  }
}

/**
 * Returns mean and variance `[C]` of each channel of the first convolution over all its frames. They follow
 * from the mean and covariance of the samples under the kernel, because a convolution is linear.
 */
async function firstMoments(
  samples: Float32Array,
  weight: WeightReader,
  config: SpeechConfig,
): Promise<Feed> {
  const { conv_dim: [channels], conv_kernel: [kernel], conv_stride: [stride] } = config;
  const count = framesOf(samples.length, config, 1);
  const mean = new Float64Array(kernel), covariance = new Float64Array(kernel * kernel);
  for (let t = 0; t < count; t++) {
    for (let i = 0; i < kernel; i++) mean[i] += samples[t * stride + i] / count;
  }
  const centred = new Float64Array(kernel);
  for (let t = 0; t < count; t++) {
    for (let i = 0; i < kernel; i++) {
      const x = centred[i] = samples[t * stride + i] - mean[i];
      for (let j = 0; j <= i; j++) covariance[i * kernel + j] += x * centred[j] / count;
    }
  }
  const taps = await weight(FIRST_WEIGHT);
  const bias = config.conv_bias ? await weight(FIRST_BIAS) : undefined;
  const means = new Float32Array(channels), variances = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    let centre = bias?.[c] ?? 0, variance = 0;
    for (let i = 0; i < kernel; i++) {
      const w = taps[c * kernel + i];
      centre += w * mean[i];
      variance += w * w * covariance[i * kernel + i];
      for (let j = 0; j < i; j++) variance += 2 * w * taps[c * kernel + j] * covariance[i * kernel + j];
    }
    means[c] = centre;
    variances[c] = Math.max(0, variance);
  }
  return {
    firstMean: { data: means, shape: [channels] },
    firstVariance: { data: variances, shape: [channels] },
  };
}
