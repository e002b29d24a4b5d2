/** Short frames of a clip, 25 ms long and 10 ms apart: frame i covers samples 160 i to 160 i + 399. */
import { fft } from "./fft.ts";

/** Samples of a frame; also the size of its transform. */
export const FRAME = 400;
/** Samples from one frame to the next: 100 frames a second. */
export const HOP = 160;
/** Number of frequencies in a spectrum: 0 to 8000 Hz in steps of 40 Hz. */
export const BINS = FRAME / 2 + 1;

const transform = fft(FRAME);
const hann = Float64Array.from({ length: FRAME }, (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / FRAME));

/**
 * Number of frames of a clip. A clip shorter than one frame is padded with zeros to one; an empty clip has
 * none.
 */
export const frameCount = (samples: number): number =>
  samples === 0 ? 0 : Math.max(0, Math.floor((samples - FRAME) / HOP)) + 1;

/** Power spectra |STFT|² of Hann-windowed frames, `[frames, BINS]`. */
export function powerSpectra(samples: Float32Array): Float64Array {
  const frames = frameCount(samples.length);
  const power = new Float64Array(frames * BINS);
  const re = new Float64Array(FRAME), im = new Float64Array(FRAME);
  const cut = (frame: number, into: Float64Array) => {
    const from = frame * HOP, there = Math.min(FRAME, samples.length - from);
    for (let i = 0; i < there; i++) into[i] = hann[i] * samples[from + i];
    into.fill(0, there);
  };
  for (let frame = 0; frame < frames; frame += 2) { // one complex transform does two real frames
    cut(frame, re);
    if (frame + 1 < frames) cut(frame + 1, im);
    else im.fill(0);
    transform(re, im);
    for (let k = 0; k < BINS; k++) {
      const mirror = (FRAME - k) % FRAME;
      const at = frame * BINS + k;
      power[at] = ((re[k] + re[mirror]) ** 2 + (im[k] - im[mirror]) ** 2) / 4;
      if (frame + 1 < frames) power[at + BINS] = ((im[k] + im[mirror]) ** 2 + (re[mirror] - re[k]) ** 2) / 4;
    }
  }
  return power;
}
