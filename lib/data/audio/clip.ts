/**
 * Turns decoded channels into a clip: 16 kHz, one channel, in [-1, 1]. Reads no file, so a browser runs
 * it.
 */
import type { UndertoneError } from "../../errors.ts";
import { type AudioFault, audioFault, type AudioWarning } from "./fault.ts";
import { requireSeconds } from "./longest.ts";
import { resample, SAMPLE_RATE } from "./resample.ts";
import type { Decoded } from "./wav.ts";

/** Samples at 16 kHz, and warnings about their file. */
export interface AudioClip {
  samples: Float32Array;
  warnings: AudioWarning[];
}

/** Values beyond this are no samples of full scale 1. */
export const LARGEST = 8; // decoders overshoot 1 slightly; integers written as floats exceed it by far
const FULL_SCALE = 32767 / 32768;
const SHORTEST = SAMPLE_RATE * 0.025; // one frame of speech

/**
 * Averages the channels of a recording and resamples them. Returns warnings, too: those of the decoder,
 * shorter than 25 ms, silent, clipped. Throws UndertoneError if there are no usable samples; its `cause` is
 * an AudioFault. `at` names the recording.
 */
export function clipFrom({ channels, rate, warnings }: Decoded, at: string): AudioClip {
  const reject = (fault: AudioFault, expected: string, found: string, todo: string): UndertoneError =>
    audioFault(fault, { expected, found, at, todo });
  requireRate(rate, at);
  requireSeconds(channels[0].length / rate, at);
  const mono = average(channels);
  const peak = peakOf(mono);
  if (!Number.isFinite(peak)) {
    const wrong = mono.reduce((count, x) => count + Number(!Number.isFinite(x)), 0);
    const found = `${wrong} of ${mono.length} that are not, the first at index ${
      mono.findIndex((x) => !Number.isFinite(x))
    }`;
    throw reject(
      "non-finite-samples",
      "finite samples",
      found,
      "Export it again, preferably as 16-bit wav or flac.",
    );
  }
  if (peak > LARGEST) {
    const found = `values up to ${peak}`;
    throw reject("out-of-scale", "samples in [-1, 1]", found, "Divide float samples by their full scale.");
  }
  const samples = bounded(resample(mono, rate));
  if (samples.length === 0) {
    throw reject("no-samples", "a recording", `${mono.length} samples at ${rate} Hz`, "Record it again.");
  }
  return { samples, warnings: [...warnings, ...oddities(mono, samples, peak)] };
}

/** Throws UndertoneError unless a rate is one that recordings have. */
export function requireRate(rate: number, at: string): void {
  if (rate >= 1000 && rate <= 768000) return;
  const todo = "Record or export it again.";
  throw audioFault("damaged", { expected: "a rate of 1 to 768 kHz", found: `${rate} Hz`, at, todo });
}

// Loops over all samples, because `map` and `reduce` call a function for each.

function average(channels: Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  const { length } = channels[0], sums = new Float64Array(length), mono = new Float32Array(length);
  for (const channel of channels) for (let i = 0; i < length; i++) sums[i] += channel[i];
  for (let i = 0; i < length; i++) mono[i] = sums[i] / channels.length;
  return mono;
}

/** Largest size of a sample; NaN if one is NaN. */
function peakOf(samples: Float32Array): number {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]));
  return peak;
}

/** Returns samples within [-1, 1]. */
function bounded(samples: Float32Array): Float32Array {
  const inside = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) inside[i] = Math.max(-1, Math.min(1, samples[i]));
  return inside;
}

/** Returns samples at 16 kHz as a clip, with the warnings that a file with the same samples has. */
export function clipOf(samples: Float32Array): AudioClip {
  return { samples, warnings: oddities(samples, samples, peakOf(samples)) };
}

function oddities(mono: Float32Array, samples: Float32Array, peak: number): AudioWarning[] {
  const warnings: AudioWarning[] = [];
  if (samples.length < SHORTEST) {
    const detail = `${samples.length / SAMPLE_RATE * 1000} ms, less than one frame of 25 ms`;
    warnings.push({ code: "too-short", detail });
  }
  if (peak === 0) warnings.push({ code: "silent", detail: "all samples are 0" });
  let full = 0;
  for (let i = 0; i < mono.length; i++) if (Math.abs(mono[i]) >= FULL_SCALE) full++;
  const share = full / mono.length;
  if (share > 0.001) {
    warnings.push({ code: "clipped", detail: `${(100 * share).toFixed(1)} % of the samples at full scale` });
  }
  return warnings;
}
