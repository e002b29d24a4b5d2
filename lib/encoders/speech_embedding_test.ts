import { deepEqual, equal, ok } from "../testing/assert.ts";
import { fileURLToPath } from "node:url";
import { useEngine } from "../compute/mod.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { fixture } from "../testing/shared.ts";
import { random } from "../random.ts";
import { speechEmbedding } from "./speech_embedding.ts";

const encoder = await speechEmbedding();
const { tensors } = await readSafetensors(
  fileURLToPath(new URL("speech_embedding.safetensors", import.meta.url)),
);
const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

Deno.test("embeddings equal those of a plain loop in Python, a short clip is padded with silence", async () => {
  const [whole, short] = await encoder.encode([speech, speech.subarray(0, 4000)]);
  deepEqual([whole.length, whole.width, short.length], [6, 96, 1]);
  ok(distance(whole.data, tensors.whole.data as Float32Array) < 1e-3); // values reach 60
  ok(distance(short.data, tensors.short.data as Float32Array) < 1e-3);
});

Deno.test("states do not depend on the number of threads, to the last bit", async () => {
  const { normal } = random(1), states: Float32Array[][] = [];
  // With these lengths, sums that are divided among threads differ by 1e-5.
  const clips = [2.77, 4.1].map((s) => Float32Array.from({ length: s * 16_000 }, () => 0.1 * normal()));
  for (const threads of [1, 2, 4]) {
    await useEngine({ threads });
    states.push((await (await speechEmbedding()).encode(clips)).map(({ data }) => data));
  }
  deepEqual(states[1], states[0]);
  deepEqual(states[2], states[0]);
});

Deno.test("states of a clip do not depend on the batch it is in", async () => {
  const loud = speech.map((x) => 3 * x), quiet = speech.map((x) => x / 1000);
  const [alone] = await encoder.encode([quiet]);
  const [, together] = await encoder.encode([loud, quiet, speech]);
  deepEqual(together, alone);
});

Deno.test("a long clip takes several calls without a seam, an empty one has no states", async () => {
  const long = new Float32Array(16_000 * 8).map((_, i) => speech[(i * 7) % speech.length]);
  const [whole, empty] = await encoder.encode([long, new Float32Array(0)]);
  equal(whole.length, Math.floor((Math.floor((long.length - 512) / 160) + 1 - 76) / 8) + 1);
  const [start] = await encoder.encode([long.subarray(0, 16_000 * 7)]);
  // The loudest frame sets the floor of the mel frames, and both clips contain it.
  ok(distance(start.data, whole.data.subarray(0, start.data.length)) < 1e-3);
  deepEqual(empty, { data: new Float32Array(0), length: 0, width: 96 });
});
