import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture, jsonFixture, shared } from "../../testing/shared.ts";
import { random } from "../../random.ts";
import { readClip } from "./load.ts";
import { speechProbabilities, speechSpans } from "./speech.ts";

const reference = jsonFixture("speech.json");

/**
 * The sound of the reference: 1 s of silence, a clip, 0.5 s of silence and half a second of the clip again.
 */
async function sound(): Promise<Float32Array> {
  const { samples } = await readClip(fixture("audio/pcm16_16k_mono.wav"));
  const all = new Float32Array(16000 + samples.length + 8000 + 8000);
  all.set(samples, 16000);
  all.set(samples.subarray(0, 8000), 16000 + samples.length + 8000);
  return all;
}

async function inChunks(samples: Float32Array, length: () => number): Promise<number[]> {
  const stream = await speechProbabilities(), probabilities: number[] = [];
  for (let from = 0, to; from < samples.length; from = to) {
    to = from + length();
    probabilities.push(...await stream.next(samples.subarray(from, to)));
  }
  return [...probabilities, ...await stream.end()];
}

const near = (a: number, b: number, most: number) => ok(Math.abs(a - b) < most, `${a}, not ${b}`);

Deno.test("probabilities and stretches of speech are those of silero-vad", async () => {
  const samples = await sound(), probabilities = await inChunks(samples, () => samples.length);
  equal(probabilities.length, reference.probabilities.length);
  probabilities.forEach((probability, i) => near(probability, reference.probabilities[i], 1e-4));
  for (const { options, spans } of reference.spans) {
    const seconds = (name: string) => options[name] && options[name] / 1000;
    const found = await speechSpans(samples, {
      threshold: options.threshold,
      shortest: seconds("min_speech_duration_ms"),
      pause: seconds("min_silence_duration_ms"),
      pad: seconds("speech_pad_ms"),
    });
    equal(found.length, spans.length);
    found.forEach(({ start, end }, i) => {
      near(start, spans[i].start, 1e-6);
      near(end, spans[i].end, 1e-6);
    });
  }
});

Deno.test("a stream gives the same probabilities however the sound is cut", async () => {
  const samples = (await sound()).subarray(0, 40001), whole = await inChunks(samples, () => samples.length);
  const { integer } = random(1);
  deepEqual(await inChunks(samples, () => integer(3000)), whole);
  deepEqual(await inChunks(samples, () => 512), whole);
});

Deno.test("streams that run side by side do not mix", async () => {
  const samples = (await sound()).subarray(0, 24000), alone = await inChunks(samples, () => 1000);
  const noise = samples.map((_, i) => Math.sin(i * i));
  const [first, , third] = await Promise.all([samples, noise, samples].map((x) => inChunks(x, () => 1000)));
  deepEqual([first, third], [alone, alone]);
});

Deno.test("silence, noise, hum and clicks have no speech", async () => {
  const { normal } = random(2), length = 48000;
  const sounds: Record<string, (i: number) => number> = {
    silence: () => 0,
    "faint noise": () => 1e-4 * normal(),
    "loud noise": () => 0.2 * normal(),
    hum: (i) => 0.3 * Math.sin(2 * Math.PI * 50 * i / 16000),
    clicks: (i) => i % 8000 === 0 ? 1 : 0,
  };
  for (const [name, at] of Object.entries(sounds)) {
    deepEqual(await speechSpans(Float32Array.from({ length }, (_, i) => at(i))), [], name);
  }
  deepEqual(await speechSpans(new Float32Array(0)), [], "an empty clip");
  deepEqual(await speechSpans(new Float32Array(100)), [], "a clip shorter than a frame");
});

Deno.test("a sample that is not finite is refused", async () => {
  await rejects(
    speechSpans(Float32Array.of(0, NaN)),
    /finite samples but found NaN at sample 1 of the sound/,
  );
});

testWith("shared/data/ravdess", "speech of actors is found between silences and noise", async () => {
  const { normal } = random(3);
  for (const name of ["actor_01/03-01-05-02-01-01-01", "actor_02/03-01-02-01-02-01-02"]) {
    const { samples } = await readClip(shared(`data/ravdess/${name}.flac`)!);
    const long = Float32Array.from({ length: 10 * 16000 }, () => 1e-3 * normal());
    samples.forEach((x, i) => long[5 * 16000 + i] += x);
    const spans = await speechSpans(long), seconds = samples.length / 16000;
    ok(spans.length > 0);
    ok(spans[0].start > 4.9 && spans.at(-1)!.end < 5 + seconds + 0.2, JSON.stringify(spans));
    ok(spans.reduce((sum, { start, end }) => sum + end - start, 0) > 0.5 * seconds);
  }
});
