import { deepEqual, equal, ok } from "../testing/assert.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { fixture } from "../testing/shared.ts";
import { bridge, prosody } from "./prosody.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const { tensors } = await readSafetensors(fixture("audio/features.safetensors"));
const encoder = prosody();
/** A sawtooth of rising pitch, `seconds` long: f0 = hz * 2^(octaves * t). */
const glide = (hz: number, octaves: number, seconds: number) => {
  let phase = 0;
  return Float32Array.from({ length: 16_000 * seconds }, (_, i) => {
    phase += hz * 2 ** (octaves * i / 16_000) / 16_000;
    return 0.2 * (2 * (phase % 1) - 1);
  });
};
/**
 * Returns the mean of descriptor `i` in the first window. A state holds 26 descriptors, their slopes, then
 * the deviations of both.
 */
const first = async (samples: Float32Array, i: number) => (await encoder.encode([samples]))[0].data[i];

Deno.test("windows sum up librosa's descriptors of the same frames", async () => {
  const [states] = await encoder.encode([speech]);
  deepEqual([states.length, states.width], [6, 104]);
  const mean = (values: ArrayLike<number>, from: number, width = 1, column = 0) => {
    let sum = 0;
    for (let i = from; i < from + 76; i++) sum += values[i * width + column];
    return sum / 76;
  };
  for (let t = 0; t < states.length; t++) {
    const state = states.data.subarray(t * 104, (t + 1) * 104);
    const close = (i: number, expected: number, tolerance: number) =>
      ok(Math.abs(state[i] - expected) < tolerance, `window ${t}, descriptor ${i}: ${state[i]}, ${expected}`);
    close(3, mean(Array.from(tensors.rms.data, (x) => Math.log(x + 1e-5)), 8 * t), 1e-4);
    close(4, mean(tensors.zero_crossing_rate.data, 8 * t), 1e-6);
    close(5, mean(Array.from(tensors.spectral_centroid.data, (x) => Math.log(x + 100)), 8 * t), 1e-4);
    for (let k = 0; k < 13; k++) close(6 + k, mean(tensors.mfcc.data, 8 * t, 13, k), 1e-2);
  }
});

Deno.test("pitch and its slope of a known glide", async () => {
  const rising = glide(110, 0.5, 1); // 6 semitones per second
  const [semitones, slope] = [await first(rising, 0), await first(rising, 26)];
  ok(Math.abs(semitones - (12 * Math.log2(1.1) + 6 * 0.39)) < 0.3, `${semitones}`);
  ok(Math.abs(slope - 0.06) < 0.01, `${slope}`);
  ok(await first(rising, 1) > 0.9 && await first(rising, 2) > 0.95);
  ok(await first(rising.map((x) => x / 10), 3) - await first(rising, 3) + Math.log(10) < 1e-3);
});

Deno.test("gaps between voiced frames are bridged", () => {
  deepEqual(bridge([NaN, 1, NaN, NaN, 4, 6, NaN]), [1, 1, 2, 3, 4, 6, 6]);
  deepEqual(bridge([NaN, NaN]), [0, 0]);
  deepEqual(bridge([]), []);
});

Deno.test("silence, single samples and empty clips give finite states, alone as in a batch", async () => {
  const batch = [new Float32Array(20_000), new Float32Array(1).fill(1), new Float32Array(0), speech];
  const together = await encoder.encode(batch);
  deepEqual(together.map(({ length }) => length), [6, 1, 0, 6]);
  for (const [i, states] of together.entries()) {
    ok(states.data.every(Number.isFinite));
    deepEqual((await encoder.encode([batch[i]]))[0], states);
  }
  equal(together[0].data[0], 0);
});
