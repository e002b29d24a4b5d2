/** The outline of a waveform of any length, in bounded memory. */
import { SAMPLE_RATE } from "./resample.ts";

/** Lowest and highest sample in equal parts of a sound. */
export interface Envelope {
  /** Seconds of a part. The last part may be shorter. */
  step: number;
  /** Lowest sample of each part. */
  low: number[];
  /** Highest sample of each part. */
  high: number[];
}

/** Most parts; an even number. */
const MOST = 2048;

/** Collects an outline while samples at 16 kHz arrive. Parts double in length when there are too many. */
export function envelopeOf(): { add(samples: Float32Array): void; envelope(): Envelope } {
  let length = 160, filled = 0; // samples of a part, and of the last one
  let low: number[] = [], high: number[] = [];
  const pairs = (values: number[], pick: (a: number, b: number) => number) =>
    Array.from({ length: values.length / 2 }, (_, i) => pick(values[2 * i], values[2 * i + 1]));
  return {
    add(samples) {
      for (const x of samples) {
        if (filled === 0) {
          if (low.length === MOST) {
            low = pairs(low, Math.min);
            high = pairs(high, Math.max);
            length *= 2;
          }
          low.push(x);
          high.push(x);
        }
        const i = low.length - 1;
        if (x < low[i]) low[i] = x;
        if (x > high[i]) high[i] = x;
        filled = (filled + 1) % length;
      }
    },
    envelope: () => ({ step: length / SAMPLE_RATE, low: [...low], high: [...high] }),
  };
}
