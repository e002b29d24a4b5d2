/** The speech of a clip without the silence and noise around it. */
import { SPEECH_FRAME, speechProbabilities } from "../../data/mod.ts";
import { HOP } from "./spectrum.ts";

/** A probability of speech from which sound counts. Shouting and sobbing get less than 0.5, noise about 0.05. */
export const LIKELY = 0.2;
/** Probabilities on either side of a likely one whose sound counts too: 0.26 s. */
export const AROUND = 8;
/** Speech is at most this much quieter than the loudest speech: 40 dB, as a ratio of power. */
export const QUIETEST = 1e-4;
/** Hops of the longest pause that stays: 0.3 s. */
export const PAUSE = 30;

/**
 * Returns the speech of a clip: its spoken hops of 10 ms, one after the other. It is empty if the clip has no
 * speech. Throws UndertoneError if a sample is NaN or infinite.
 */
export async function spokenPart(samples: Float32Array): Promise<Float32Array> {
  const stream = await speechProbabilities();
  const probabilities = [...await stream.next(samples), ...await stream.end()];
  const lead = leadOf(samples), whole = new Float32Array(lead + samples.length);
  whole.set(samples, lead);
  const hops = spokenHops(powers(whole), probabilities, lead);
  const part = new Float32Array(hops.length * HOP);
  hops.forEach((hop, i) => part.set(whole.subarray(hop * HOP, (hop + 1) * HOP), i * HOP));
  return part;
}

/** Zeros before a clip that put its loudest sample at the start of a hop: then silence before it moves no hop. */
function leadOf(samples: Float32Array): number {
  let loudest = 0;
  for (let i = 1; i < samples.length; i++) if (Math.abs(samples[i]) > Math.abs(samples[loudest])) loudest = i;
  return (HOP - loudest % HOP) % HOP;
}

/** Mean power of each hop; zeros fill the last one up. */
const powers = (samples: Float32Array): Float64Array =>
  Float64Array.from(
    { length: Math.ceil(samples.length / HOP) },
    (_, i) => samples.subarray(i * HOP, (i + 1) * HOP).reduce((sum, x) => sum + x * x, 0) / HOP,
  );

/**
 * Returns the hops that are spoken: near likely speech and loud enough, and the pauses between such hops, if
 * they are short. `powers` are the hops' mean powers. The first hop begins `lead` samples before the clip.
 *
 * Loudness decides where speech begins and ends, since the model's probabilities depend on what came before.
 */
export function spokenHops(powers: Float64Array, probabilities: ArrayLike<number>, lead = 0): number[] {
  const isNear = (hop: number) => {
    const place = Math.floor(Math.max(0, hop * HOP + HOP / 2 - lead) / SPEECH_FRAME);
    for (let i = Math.max(0, place - AROUND); i <= place + AROUND; i++) {
      if (probabilities[i] >= LIKELY) return true;
    }
    return false;
  };
  const near = powers.map((power, hop) => isNear(hop) ? power : 0);
  const loudest = near.reduce((a, b) => Math.max(a, b), 0);
  const spoken: number[] = [];
  near.forEach((power, hop) => {
    if (power <= QUIETEST * loudest) return;
    const last = spoken.at(-1);
    if (last !== undefined && hop - last <= PAUSE) { for (let i = last + 1; i < hop; i++) spoken.push(i); }
    spoken.push(hop);
  });
  return spoken;
}
