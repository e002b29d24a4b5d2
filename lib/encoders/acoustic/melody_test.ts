import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { melody } from "./melody.ts";
import { pitch, PITCH_FRAME } from "./pitch.ts";
import { frameCount } from "./spectrum.ts";

const RATE = 16_000;
/** A harmonic tone with pitch `hz(t)` at second t; 0 is silence. */
function tone(seconds: number, hz: (t: number) => number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: seconds * RATE }, (_, i) => {
    const f0 = hz(i / RATE);
    phase += 2 * Math.PI * f0 / RATE;
    return f0 > 0 ? 0.2 * Math.sin(phase) + 0.15 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase) : 0;
  });
}
/** Mean square of each frame. */
const energy = (samples: Float32Array) =>
  Float64Array.from(
    { length: frameCount(samples.length) },
    (_, i) => samples.subarray(i * 160, i * 160 + 400).reduce((sum, x) => sum + x * x, 0) / 400,
  );
const of = (samples: Float32Array) => melody(samples, energy(samples));
/** The frames whose pitch the clip's ends don't affect. */
const inner = <T>(values: ArrayLike<T>) => Array.from(values).slice(3, -3);

Deno.test("a steady tone is voiced throughout, at its pitch, harmonic", () => {
  const { octave, voiced, periodicity, harmonicity } = of(tone(1, () => 150));
  equal(octave.length, 98);
  for (const x of inner(octave)) ok(Math.abs(x - Math.log2(1.5)) < 0.01, `${x}`);
  ok(inner(voiced).every((v) => v === 1));
  ok(inner(periodicity).every((r) => r > 0.98) && inner(harmonicity).every((x) => x > 15 && x <= 30));
});

Deno.test("a glide is followed", () => {
  const { octave, voiced } = of(tone(1, (t) => 110 * 2 ** t));
  ok(inner(voiced).every((v) => v === 1));
  octave.forEach((x, i) => {
    const expected = Math.log2(1.1) + (i * 160 + 200) / RATE; // at the frame's centre
    if (i > 2 && i < 95) ok(Math.abs(x - expected) < 0.03, `frame ${i}: ${x}, expected ${expected}`);
  });
});

Deno.test("pitch is interpolated linearly across a pause and constant before the first and after the last voiced frame", () => {
  const { octave, voiced } = of(
    tone(1.6, (t) => t < 0.2 || t > 1.4 ? 0 : t < 0.6 ? 100 : t < 1 ? 0 : 200),
  );
  const runs = Array.from(voiced).join("").replace(/(.)\1*/g, (run) => run[0]);
  equal(runs, "01010");
  for (const i of [0, 10]) ok(Math.abs(octave[i]) < 0.02);
  for (const i of [145, octave.length - 1]) ok(Math.abs(octave[i] - 1) < 0.02);
  const from = voiced.indexOf(0, voiced.indexOf(1)), to = voiced.indexOf(1, from);
  ok(to - from > 30);
  for (let i = from; i < to; i++) {
    const expected = octave[from - 1] +
      (octave[to] - octave[from - 1]) * (i - from + 1) / (to - from + 1);
    ok(Math.abs(octave[i] - expected) < 1e-12);
  }
});

Deno.test("two frames estimated an octave too low do not change the melody", () => {
  // For 20 ms, every other period of 5 ms is weak, as if the period were 10 ms.
  const samples = tone(1, () => 200).map((x, i) => i >= 8000 && i < 8320 && (i / 80 | 0) % 2 ? 0.24 * x : x);
  const { octave } = of(samples);
  const low = Array.from(octave, (_, i) => pitch(samples, i * 160 + (400 - PITCH_FRAME) / 2).f0 < 110);
  equal(inner(low).filter(Boolean).length, 2);
  for (const x of inner(octave)) ok(Math.abs(x - 1) < 0.02, `${x}`);
});

Deno.test("noise and silence are not voiced; without any voice pitch is 0", () => {
  const { normal } = random(1);
  const noise = of(Float32Array.from({ length: RATE }, () => 0.1 * normal()));
  ok(noise.voiced.filter((v) => v === 1).length < 3);
  const silence = of(new Float32Array(RATE)), none = new Float64Array(98);
  deepEqual([silence.octave, silence.voiced, silence.periodicity], [none, none, none]);
  ok(silence.harmonicity.every((x) => Math.abs(x + 30) < 0.01));
});

Deno.test("a frame 40 dB below the loudest is not voiced, whatever its pitch", () => {
  const loud = tone(1, () => 150);
  const { voiced } = of(loud.map((x, i) => i < RATE / 2 ? x : x * 0.005));
  ok(voiced.subarray(3, 45).every((v) => v === 1) && voiced.subarray(52).every((v) => v === 0));
  ok(inner(of(loud.map((x) => x * 0.005)).voiced).every((v) => v === 1), "alone it is");
});

Deno.test("an empty clip has no melody", () => {
  const none = new Float64Array(0);
  deepEqual(of(new Float32Array(0)), { octave: none, voiced: none, periodicity: none, harmonicity: none });
});
