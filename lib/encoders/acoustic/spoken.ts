/** The speech of a clip without the silence and noise around it. */
import { SPEECH_FRAME } from "../../data/mod.ts";
import { random } from "../../random.ts";
import { SAMPLE_RATE } from "../encoder.ts";
import { HOP } from "./spectrum.ts";
import { speechDetector } from "./speech_detector.ts";

/**
 * A probability of speech from which sound counts. Shouting and sobbing get less than 0.5, noise about 0.05.
 */
export const LIKELY = 0.2;
/** Probabilities on either side of a likely one whose sound counts too: 0.26 s. */
export const AROUND = 8;
/** Speech is at most this much quieter than the loudest speech: 40 dB, as a ratio of power. */
export const QUIETEST = 1e-4;
/** Hops of the longest pause that stays: 0.3 s. */
export const PAUSE = 30;

/** Root mean square of the hiss that is added to speech, as a share of that of the loudest hop: -60 dB. */
export const HISS_LEVEL = 1e-3;
/** Samples after which the hiss repeats: 4 s. */
const HISS_LENGTH = 65_536;
const { normal } = random(1);
/** White noise of deviation 1. */
export const HISS: Float32Array = Float32Array.from({ length: HISS_LENGTH }, normal);

/** Samples after which hops and the model's frames begin together. */
export const GRID = 2560;
/** Silence before a clip, in samples: the model's state is then that after any silence. */
export const SILENCE = 6 * GRID;
/** Silence after a clip, in samples: as far as probabilities count. */
export const TAIL = AROUND * SPEECH_FRAME;

/**
 * Returns the speech of a clip: its spoken hops of 10 ms, one after the other. It is empty if the clip has no
 * speech. Throws UndertoneError if a sample is NaN or infinite.
 *
 * A faint hiss is added. It hides what is fainter still, such as rounding and what a codec makes of silence:
 * they would change the logarithm of an empty band by much.
 */
export async function spokenPart(samples: Float32Array): Promise<Float32Array> {
  const { whole, power, hops } = await heard(samples);
  const part = new Float32Array(hops.length * HOP);
  hops.forEach((hop, i) => part.set(whole.subarray(hop * HOP, (hop + 1) * HOP), i * HOP));
  const level = HISS_LEVEL * Math.sqrt(hops.reduce((most, hop) => Math.max(most, power[hop]), 0));
  for (let i = 0; i < part.length; i++) part[i] += level * HISS[i % HISS_LENGTH];
  return part;
}

/** Returns the start of each spoken hop in seconds of the clip. */
export async function spokenTimes(samples: Float32Array): Promise<number[]> {
  const { lead, hops } = await heard(samples);
  return hops.map((hop) => (hop * HOP - lead) / SAMPLE_RATE);
}

/** Finds the spoken hops of a clip with silence around it; `lead` samples of silence stand before it. */
async function heard(samples: Float32Array) {
  const whole = onGrid(samples), detect = await speechDetector(), probabilities = await detect(whole);
  const power = powers(whole), hops = spokenHops(power, probabilities);
  return { whole, power, hops, lead: whole.length - samples.length - TAIL };
}

/**
 * Puts silence around a clip so that its loudest sample begins a hop and a frame of the model. So the silence
 * that a clip has itself changes neither where they are cut nor what the model makes of the speech.
 */
function onGrid(samples: Float32Array): Float32Array {
  let loudest = 0;
  for (let i = 1; i < samples.length; i++) if (Math.abs(samples[i]) > Math.abs(samples[loudest])) loudest = i;
  const lead = SILENCE - loudest % GRID, whole = new Float32Array(lead + samples.length + TAIL);
  whole.set(samples, lead);
  return whole;
}

/** Mean power of each hop; zeros fill the last one up. */
function powers(samples: Float32Array): Float64Array {
  const means = new Float64Array(Math.ceil(samples.length / HOP));
  for (let hop = 0; hop < means.length; hop++) {
    const end = Math.min(samples.length, (hop + 1) * HOP);
    let sum = 0;
    for (let i = hop * HOP; i < end; i++) sum += samples[i] * samples[i];
    means[hop] = sum / HOP;
  }
  return means;
}

/**
 * Returns the hops that are spoken: near likely speech and loud enough, and the pauses between such hops, if
 * they are short. `powers` are the hops' mean powers.
 *
 * Loudness decides where speech begins and ends, since the model's probabilities depend on what came before.
 */
export function spokenHops(powers: Float64Array, probabilities: ArrayLike<number>): number[] {
  const isNear = (hop: number) => {
    const middle = hop * HOP + HOP / 2; // of the last hop, perhaps beyond the last probability
    const place = Math.min(probabilities.length - 1, Math.floor(middle / SPEECH_FRAME));
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
