import { readSafetensors } from "../../files/safetensors.ts";
import { random } from "../../random.ts";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { spokenHops, spokenPart, spokenTimes } from "./spoken.ts";

const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = tensors["pcm16_16k_mono.wav"].data as Float32Array; // 1.2 s
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("spoken hops: near likely speech, loud enough, with short pauses but not long ones", () => {
  // 3 s of hops; the model's frames are 3.2 times as long, so 94 of them.
  const likely = new Float32Array(94).map((_, i) => i >= 20 && i < 70 ? 0.9 : 0.05); // hops 64 to 223
  const powers = new Float64Array(300).map((_, i) => {
    const loud = i >= 60 && i < 100 || i >= 120 && i < 130 || i >= 180 && i < 200 || i >= 280;
    return loud ? 0.1 : 0.8e-5; // 41 dB quieter
  });
  // A pause of 20 frames stays and one of 50 goes. What is loud at 280 is no speech.
  deepEqual(spokenHops(powers, likely), [...range(60, 130), ...range(180, 200)]);
  deepEqual(spokenHops(powers, likely.map(() => 0.1)), []);
  deepEqual(spokenHops(powers.map(() => 0), likely), [], "digital silence");
});

Deno.test("the spoken part is the same whatever silence is around it", async () => {
  const alone = await spokenPart(speech);
  ok(alone.length > 0.5 * speech.length && alone.length <= speech.length + 160, `${alone.length}`);
  for (const [seconds, from] of [[2, 4800], [20, 200_053]]) {
    const long = new Float32Array(seconds * 16000);
    long.set(speech, from);
    const found = await spokenPart(long);
    equal(found.length, alone.length);
    ok(found.every((x, i) => x === alone[i]));
  }
});

Deno.test("silence, noise and hum have no spoken part", async () => {
  const { normal } = random(1), length = 32_000;
  const sounds = [
    () => 0,
    () => 1e-4 * normal(),
    () => 0.1 * normal(),
    (i: number) => 0.1 * Math.sin(i / 51),
  ];
  for (const at of sounds) {
    equal((await spokenPart(Float32Array.from({ length }, (_, i) => at(i)))).length, 0);
  }
  equal((await spokenPart(new Float32Array(0))).length, 0);
});

Deno.test("each spoken hop has its time in the clip, whatever silence is before it", async () => {
  const times = await spokenTimes(speech), { length } = await spokenPart(speech);
  equal(times.length * 160, length);
  ok(times.every((time, i) => i === 0 || time > times[i - 1]) && times.at(-1)! < 1.2);
  const long = new Float32Array(64_000);
  long.set(speech, 20_053);
  const later = await spokenTimes(long);
  ok(later.every((time, i) => Math.abs(time - 20_053 / 16000 - times[i]) < 1e-9));
});
