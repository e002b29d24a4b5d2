import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { amplify, gain } from "./gain.ts";
import { band, limitBand } from "./band.ts";
import { addNoise, noise } from "./noise.ts";
import { changeSpeed, speed } from "./speed.ts";

const tone = (hertz: number, length = 16000) =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin(2 * Math.PI * hertz * i / 16000));
const power = (samples: ArrayLike<number>) =>
  Array.from(samples).reduce((sum, x) => sum + x * x, 0) / samples.length;
const decibels = (ratio: number) => 10 * Math.log10(ratio);

Deno.test("noise has its signal-to-noise ratio to 0.1 dB, a flat spectrum and no mean", () => {
  for (const snr of [-10, 0, 5, 20, 40]) {
    for (const length of [160, 4000, 16000]) {
      const clip = tone(300, length), noisy = addNoise(clip, snr, random(length + snr));
      const added = noisy.map((x, i) => x - clip[i]);
      const found = decibels(power(clip) / power(added));
      ok(Math.abs(found - snr) < 0.1, `${found} for ${snr} dB`);
    }
  }
  const clip = tone(0.1), added = addNoise(clip, 0, random(1)).map((x, i) => x - clip[i]);
  const whole = power(added);
  const mean = added.reduce((sum, x) => sum + x, 0) / added.length;
  ok(Math.abs(mean) < 4 * Math.sqrt(whole / added.length), `${mean}`);
  const low = power(limitBand(added, 0, 4000));
  ok(Math.abs(low / whole - 0.5) < 0.03, `${low / whole} of the power is below 4 kHz`);
});

Deno.test("silence gets no noise, and an empty clip stays empty", () => {
  deepEqual([...addNoise(new Float32Array(3), 10, random(1))], [0, 0, 0]);
  for (const { apply } of [noise, gain, speed, band]) {
    equal(apply(new Float32Array(), [1, 1], random(1)).length, 0);
  }
});

Deno.test("gain is exact: 20 dB are ten times, -6.0206 dB a half", () => {
  const clip = Float32Array.of(0.01, -0.5, 0.1);
  deepEqual([...amplify(clip, 20)], [...clip.map((x) => x * 10)]);
  const [half] = amplify(Float32Array.of(1), -20 * Math.log10(2));
  ok(Math.abs(half - 0.5) < 1e-7, `${half}`);
  deepEqual(gain.range!(6), [-6, 6]);
});

Deno.test("at another speed a clip has n / factor samples, and its tone another pitch", () => {
  for (const factor of [0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.25]) {
    const fast = changeSpeed(tone(400), factor);
    equal(fast.length, Math.round(16000 / factor));
    const expected = tone(400 * factor, fast.length);
    ok(
      fast.every((x, i) => i < 200 || i > fast.length - 200 || Math.abs(x - expected[i]) < 2e-3),
      `${factor}`,
    );
  }
  const lengths = Array.from(
    { length: 100 },
    (_, i) => speed.apply(tone(400, 2000), [0.9, 1.1], random(i)).length,
  );
  ok(lengths.every((n) => n >= Math.round(2000 / 1.1) && n <= Math.round(2000 / 0.9)));
  ok(new Set(lengths).size > 15, `${new Set(lengths).size} speeds`);
});

Deno.test("a band limit removes 60 dB outside and keeps the inside to 0.05 dB", () => {
  const inner = (samples: Float32Array) => samples.subarray(400, samples.length - 400);
  const change = (hertz: number, low: number, high: number) =>
    decibels(power(inner(limitBand(tone(hertz), low, high))) / power(inner(tone(hertz))));
  for (const hertz of [60, 150, 250]) {
    ok(change(hertz, 300, 3400) < -58, `${hertz}: ${change(hertz, 300, 3400)}`);
  }
  for (const hertz of [3450, 4000, 6000, 7900]) ok(change(hertz, 300, 3400) < -58, `${hertz}`);
  for (const hertz of [350, 1000, 2500, 3350]) ok(Math.abs(change(hertz, 300, 3400)) < 0.05, `${hertz}`);
  ok(Math.abs(change(7900, 300, 8000)) < 0.05 && change(100, 300, 8000) < -58);
  ok(Math.abs(change(50, 0, 3400)) < 0.05 && change(4000, 0, 3400) < -58);
  const clip = tone(500);
  equal(limitBand(clip, 0, 8000), clip);
});
