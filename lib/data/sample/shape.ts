/** Adds effects that the synthesiser lacks: vocal effort, tremor, loudness and room noise. */
import type { Random } from "../../random.ts";
import { SAMPLE_RATE } from "../audio/mod.ts";
import type { Prosody } from "./prosody.ts";

const USUAL = 0.07; // root mean square of a voice at 0 dB
const PEAK = 0.75; // headroom, because mp3 overshoots
const TREMOR = 6; // Hz
const ROUGHNESS = 70; // Hz
const HISS = 0.0006;
const EDGE = 0.1; // silence kept at both ends, s

/** Returns 16 kHz samples of a synthesised voice, shaped by the prosody. */
export function shape(voice: Float32Array, prosody: Prosody, draw: Random): Float32Array<ArrayBuffer> {
  const { brightness, breath, roughness, tremor, loudness } = prosody;
  const breathing = breathe(tilt(trim(voice), brightness), breath, draw);
  const moved = swing(swing(breathing, ROUGHNESS, roughness, draw), TREMOR, tremor, draw);
  const level = Math.sqrt(moved.reduce((sum, x) => sum + x * x, 0) / moved.length);
  const gain = USUAL * 10 ** (loudness / 20) / level;
  const hiss = HISS * 10 ** (draw.normal() / 4);
  return moved.map((x) => PEAK * Math.tanh(gain * x / PEAK) + hiss * draw.normal()); // tanh: a shout saturates
}

/** Adds noise that follows the level of the voice. */
function breathe(samples: Float32Array, share: number, { normal }: Random): Float32Array {
  const keep = Math.exp(-2 * Math.PI * 15 / SAMPLE_RATE); // level over about 10 ms
  let level = 0;
  return samples.map((x) => {
    level = keep * level + (1 - keep) * Math.abs(x);
    return x + share * level * normal();
  });
}

/** Modulates the level `frequency` times a second. */
function swing(samples: Float32Array, frequency: number, depth: number, { uniform }: Random): Float32Array {
  const start = uniform();
  return samples.map((x, i) =>
    x * (1 + depth * Math.sin(2 * Math.PI * (frequency * i / SAMPLE_RATE + start)))
  );
}

/** Raises frequencies from 4 kHz on by `decibels` and keeps low ones (a first-order shelf). */
function tilt(samples: Float32Array, decibels: number): Float32Array {
  const keep = Math.exp(-2 * Math.PI * 1000 / SAMPLE_RATE); // one-pole low-pass at 1 kHz
  const gain = 10 ** (decibels / 20);
  let low = 0;
  return samples.map((x) => {
    low = keep * low + (1 - keep) * x;
    return low + gain * (x - low);
  });
}

/** Cuts the silence at both ends to a tenth of a second. */
function trim(samples: Float32Array): Float32Array {
  const loud = (x: number) => Math.abs(x) > 0.005;
  const edge = EDGE * SAMPLE_RATE;
  const first = Math.max(0, samples.findIndex(loud) - edge);
  return samples.slice(first, samples.findLastIndex(loud) + edge);
}
