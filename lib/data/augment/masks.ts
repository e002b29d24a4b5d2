/** SpecAugment (Park et al. 2019) on the hidden states of frozen speech encoders. */
import type { Random } from "../../random.ts";
import type { StateAugmentation } from "./augmentation.ts";

/**
 * Draws a span of `length` positions: its width from 0 to twice `share` of them, each equally likely, then
 * its start. It hides `share` of the positions on average.
 */
export function drawSpan(length: number, share: number, { uniform }: Random): [start: number, end: number] {
  const width = Math.min(length, Math.floor(uniform() * (2 * share * length + 1)));
  const start = Math.floor(uniform() * (length - width + 1));
  return [start, start + width];
}

export const maskTime: StateAugmentation = {
  id: "mask_time",
  summary: "SpecAugment: mean share of a clip's states that one span hides",
  acts: "states",
  limits: [0, 0.5],
  apply({ data, length, width }, [, share], random) {
    const [start, end] = drawSpan(length, share, random);
    return { data: data.slice(0, length * width).fill(0, start * width, end * width), length, width };
  },
};

export const maskFrequency: StateAugmentation = {
  id: "mask_frequency",
  summary: "SpecAugment: mean share of frequencies (for states without any: neighbouring dimensions) that " +
    "one span hides",
  acts: "states",
  limits: [0, 0.5],
  apply({ data, length, width }, [, share], random, frameWidth) {
    const [start, end] = drawSpan(frameWidth, share, random), masked = data.slice(0, length * width);
    for (let from = 0; from < length * width; from += frameWidth) masked.fill(0, from + start, from + end);
    return { data: masked, length, width };
  },
};
