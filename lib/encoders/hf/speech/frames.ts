/** Relates numbers of samples to numbers of frames after the convolutions. */
import { badInput } from "../../../errors.ts";
import { SAMPLE_RATE } from "../../encoder.ts";
import type { SpeechConfig } from "./settings.ts";

type Convolutions = Pick<SpeechConfig, "conv_kernel" | "conv_stride">;

/** Returns the number of frames after the first `layers` convolutions (default: all). */
export function framesOf(
  samples: number,
  { conv_kernel, conv_stride }: Convolutions,
  layers = conv_kernel.length,
): number {
  let count = samples;
  for (let i = 0; i < layers; i++) count = Math.floor((count - conv_kernel[i]) / conv_stride[i]) + 1;
  return count;
}

/**
 * Returns the fewest samples that give `frames` frames after `layers` convolutions: 400 for one frame of
 * wav2vec2.
 */
export const samplesOf = (
  frames: number,
  { conv_kernel, conv_stride }: Convolutions,
  layers = conv_kernel.length,
): number =>
  conv_kernel.slice(0, layers).reduceRight(
    (count, kernel, i) => (count - 1) * conv_stride[i] + kernel,
    frames,
  );

/** Returns the number of samples from one frame to the next. */
export const hopOf = (
  { conv_stride }: Pick<Convolutions, "conv_stride">,
  layers = conv_stride.length,
): number => conv_stride.slice(0, layers).reduce((a, b) => a * b, 1);

/**
 * Returns the padded number of frames: a multiple of 8. Sizes grow in steps of about a tenth, so that few
 * occur.
 */
export function paddedFrames(frames: number): number {
  let bucket = 16;
  while (bucket < frames) bucket = Math.ceil(bucket * 1.1 / 8) * 8;
  return bucket;
}

/**
 * Throws UndertoneError for convolutions that no model has, before memory is reserved for them; `at` is the
 * file.
 */
export function requireFrames({ conv_kernel, conv_stride }: Convolutions, at: string): void {
  const fail = (expected: string, found: string) =>
    badInput({
      expected,
      found,
      at,
      todo: "The file is damaged or does not belong to these weights: fetch it again.",
    });
  if (conv_kernel.length !== conv_stride.length) {
    throw fail(
      "conv_kernel and conv_stride for the same convolutions",
      `lists of ${conv_kernel.length} and ${conv_stride.length}`,
    );
  }
  const window = samplesOf(1, { conv_kernel, conv_stride }), hop = hopOf({ conv_stride });
  if (hop > SAMPLE_RATE || window > 10 * SAMPLE_RATE) {
    throw fail("frames at most 1 s apart, each of at most 10 s", `${hop} samples apart, each of ${window}`);
  }
}
