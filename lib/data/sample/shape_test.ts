import { ok } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { SAMPLE_RATE } from "../audio/mod.ts";
import type { Prosody } from "./prosody.ts";
import { shape } from "./shape.ts";

const plain: Prosody = {
  rate: 165,
  pitch: 50,
  range: 100,
  pause: 150,
  loudness: 0,
  brightness: 0,
  breath: 0,
  roughness: 0,
  tremor: 0,
  contour: ".",
};
/** Half a second of silence, one of a tone, and silence again. */
const voice = (frequency: number) =>
  Float32Array.from({ length: 2 * SAMPLE_RATE }, (_, i) => {
    const seconds = i / SAMPLE_RATE;
    return seconds > 0.5 && seconds < 1.5 ? 0.1 * Math.sin(2 * Math.PI * frequency * seconds) : 0;
  });
const spoken = (frequency: number, change: Partial<Prosody> = {}) =>
  shape(voice(frequency), { ...plain, ...change }, random(1));
const level = (samples: Float32Array) =>
  10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
/** Loudest over quietest piece of `length` samples within the tone. */
function swing(samples: Float32Array, length: number): number {
  const pieces = Math.floor(0.8 * SAMPLE_RATE / length);
  const levels = Array.from({ length: pieces }, (_, i) => {
    const start = 0.2 * SAMPLE_RATE + length * i;
    return level(samples.subarray(start, start + length));
  });
  return 10 ** ((Math.max(...levels) - Math.min(...levels)) / 20);
}

Deno.test("silence is cut to a tenth of a second at both ends", () => {
  ok(Math.abs(spoken(200).length / SAMPLE_RATE - 1.2) < 0.01);
});

Deno.test("loudness is in dB", () => {
  ok(Math.abs(level(spoken(200, { loudness: -6 })) - level(spoken(200)) + 6) < 0.1);
});

Deno.test("brightness raises high tones against low ones by about its dB", () => {
  const treble = voice(7000);
  const both = Float32Array.from(voice(150), (x, i) => x + treble[i]);
  const ratio = (brightness: number) => {
    const samples = shape(both, { ...plain, brightness, loudness: -10 }, random(1));
    const high = samples.reduce((sum, x, i) => i ? sum + (x - samples[i - 1]) ** 2 : sum, 0);
    return 10 * Math.log10(high / samples.reduce((sum, x) => sum + x * x, 0));
  };
  const raised = ratio(0) - ratio(-12);
  ok(raised > 4 && raised < 13, `${raised} dB`);
});

Deno.test("tremor and roughness swing the level, slowly and quickly; breath adds noise", () => {
  const [slow, quick] = [0.05 * SAMPLE_RATE, 40]; // tremor shows in both, roughness in the quick ones alone
  ok(swing(spoken(800), slow) < 1.1 && swing(spoken(800), quick) < 1.3);
  ok(swing(spoken(800, { tremor: 0.5 }), slow) > 2);
  ok(swing(spoken(800, { roughness: 0.5 }), slow) < 1.2);
  ok(swing(spoken(800, { roughness: 0.5 }), quick) > 2);
  const noisy = spoken(800, { breath: 0.5 }), clean = spoken(800);
  ok(noisy.reduce((sum, x, i) => sum + (x - clean[i]) ** 2, 0) / clean.length > 1e-5);
});
