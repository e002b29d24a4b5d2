/** Summarises 10 ms frames over windows, at a rate that a head can process. */
import type { Sequence } from "../encoder.ts";

/** Frames from one window to the next: 80 ms, 12.5 windows a second. */
export const WINDOW_HOP = 8;

/**
 * Computes mean and standard deviation over windows of `length` frames, every 80 ms: `[frames, width]` ->
 * `[T, 2 width]`, means first. Only whole windows count, but a clip with fewer frames is one window.
 */
export function meanAndDeviation(
  frames: Float64Array | Float32Array,
  width: number,
  length: number,
): Sequence {
  const count = frames.length / width;
  const windows = count === 0 ? 0 : Math.max(0, Math.floor((count - length) / WINDOW_HOP)) + 1;
  const data = new Float32Array(windows * 2 * width);
  for (let t = 0; t < windows; t++) {
    const from = t * WINDOW_HOP, to = Math.min(from + length, count);
    for (let i = 0; i < width; i++) {
      let sum = 0, squares = 0;
      for (let frame = from; frame < to; frame++) sum += frames[frame * width + i];
      const mean = sum / (to - from);
      for (let frame = from; frame < to; frame++) squares += (frames[frame * width + i] - mean) ** 2;
      data[t * 2 * width + i] = mean;
      data[t * 2 * width + width + i] = Math.sqrt(squares / (to - from));
    }
  }
  return { data, length: windows, width: 2 * width };
}
