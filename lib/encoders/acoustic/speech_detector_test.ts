import { readSafetensors } from "../../files/safetensors.ts";
import { speechProbabilities } from "../../data/mod.ts";
import { equal, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { load } from "./speech_detector.ts";

const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = tensors["pcm16_16k_mono.wav"].data as Float32Array; // 1.2 s, 38 frames

Deno.test("a clip in one part or in several has the probabilities of a stream", async () => {
  const stream = await speechProbabilities();
  const expected = [...await stream.next(speech), ...await stream.end()];
  for (const framesAtOnce of [7, 19, 2048]) {
    const found = await (await load(framesAtOnce))(speech);
    equal(found.length, expected.length);
    expected.forEach((p, i) => ok(Math.abs(p - found[i]) < 1e-5, `frame ${i} of ${framesAtOnce} at once`));
  }
});

Deno.test("an empty clip has no probabilities, and NaN is refused with its place", async () => {
  const detect = await load(8);
  equal((await detect(new Float32Array(0))).length, 0);
  await rejects(() => detect(Float32Array.of(0, NaN)), /sample 1/);
});
