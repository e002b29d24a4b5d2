import type { Tensor2D } from "../compute/mod.ts";
import { maskedMean } from "../nn/mod.ts";
import type { FusionInput } from "./fusion.ts";

/** Returns the mean states of both modalities, `[B,D]`; 0 for an absent one. */
export const meansOf = (
  { text, textMask, audio, audioMask }: FusionInput,
): { text: Tensor2D; audio: Tensor2D } => ({
  text: maskedMean(text, textMask),
  audio: maskedMean(audio, audioMask),
});
