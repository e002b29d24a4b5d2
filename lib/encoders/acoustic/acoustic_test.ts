import { readSafetensors } from "../../files/safetensors.ts";
import { random } from "../../random.ts";
import { deepEqual, equal, notEqual, ok } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import type { Sequence } from "../encoder.ts";
import { encodeDataset } from "../features.ts";
import { wav16 } from "../../jobs/testing.ts";
import { acoustic } from "./acoustic.ts";
import { acoustic1 } from "./acoustic_1.ts";
import { spokenPart } from "./spoken.ts";

const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = tensors["pcm16_16k_mono.wav"].data as Float32Array; // 1.2 s
const encoder = await acoustic();
const encode = async (samples: Float32Array) => (await encoder.encode([samples]))[0];
const noise = (length: number, size: number) => {
  const { normal } = random(1);
  return Float32Array.from({ length }, () => size * normal());
};

Deno.test("the states begin with those of the first version for the speech alone, without its length", async () => {
  const first = await acoustic1(),
    [old] = await first.encode([await spokenPart(speech)]),
    now = await encode(speech);
  equal(now.length, old.length);
  const shared = old.width - 1; // the last is the length in seconds
  for (let t = 0; t < now.length; t++) {
    for (let i = 0; i < shared; i++) {
      const expected = old.data[t * old.width + i]; // pitch comes from other sums
      ok(Math.abs(now.data[t * now.width + i] - expected) < 1e-5 * Math.max(1, Math.abs(expected)), `${i}`);
    }
  }
  notEqual(encoder.fingerprint, first.fingerprint);
});

/** `speech` in silence of `seconds` s, from this sample on. */
const silence = (seconds: number, from: number) => {
  const long = new Float32Array(seconds * 16000);
  long.set(speech, from);
  return long;
};
/** The largest difference of two sequences' numbers. */
function apart(a: Sequence, b: Sequence): number {
  equal(a.length, b.length);
  return a.data.reduce((most, x, i) => Math.max(most, Math.abs(x - b.data[i])), 0);
}

Deno.test("each state has its time in the clip: eight hops of speech, wherever silence stands", async () => {
  const { length } = await encode(speech), times = await encoder.timesOf!(speech);
  equal(times.length, length);
  const later = await encoder.timesOf!(silence(4, 32_011));
  // The first hop may begin up to 10 ms before the speech.
  ok(later.every(({ start, end }, t) => start > 1.99 && end <= 4 && end - start > 0.0799 && t < length));
  ok(later.every(({ start }, t) => Math.abs(start - 32_011 / 16000 - times[t].start) < 0.011));
  deepEqual(await encoder.timesOf!(new Float32Array(16000)), []);
});

Deno.test("20 s of silence around speech change nothing", async () => {
  const own = await encode(silence(2, 5000));
  for (const from of [160 * 900, 144_053, 1]) equal(apart(await encode(silence(20, from)), own), 0);
});

Deno.test("what lies far below speech, such as rounding to 16 bits, changes no band by much", async () => {
  const paused = speech.map((x, i) => i > 9000 && i < 11_000 ? 0 : x); // a pause of 0.125 s stays
  const faint = noise(speech.length, 1e-5);
  const [a, b] = [await encode(paused), await encode(paused.map((x, i) => x + faint[i]))];
  equal(a.length, b.length);
  const bands = (states: Sequence, t: number) =>
    states.data.subarray(t * states.width + 96, t * states.width + 176);
  for (let t = 0; t < a.length; t++) {
    bands(a, t).forEach((band, i) => ok(Math.abs(band - bands(b, t)[i]) < 0.2, `state ${t}, band ${i}`));
  }
});

Deno.test("a clip without speech has no states, and its row is refused with the reason, from the cache too", async () => {
  for (
    const samples of [new Float32Array(16_000), noise(32_000, 1e-3), new Float32Array(0), noise(32_000, 0.1)]
  ) {
    deepEqual(await encode(samples), { data: new Float32Array(0), length: 0, width: encoder.width });
  }
  const root = await Deno.makeTempDir();
  await Deno.writeFile(`${root}/noise.wav`, wav16(noise(32_000, 1e-3)));
  await Deno.writeFile(`${root}/speech.wav`, wav16(speech));
  const rows = ["noise", "speech"].map((id) => ({
    id,
    split: "train" as const,
    text: id,
    audio: `${id}.wav`,
  }));
  const dataset = {
    name: "x",
    target: "class" as const,
    labels: [],
    rows,
    source: "x.csv",
    root,
    rejected: [],
    notes: [],
  };
  for (let round = 0; round < 2; round++) {
    const features = await encodeDataset(dataset, { audio: encoder }, { cacheDir: `${root}/cache` });
    deepEqual([...features.audio!.keys()], ["speech"]);
    deepEqual(features.rejected, [{
      id: "noise",
      at: `${root}/noise.wav`,
      reason: "has no speech, and acoustic@2 reads nothing else",
    }]);
  }
  await Deno.remove(root, { recursive: true });
});

Deno.test("states do not depend on what else is in the batch, and are finite for a shout of two frames", async () => {
  const batch = [speech, new Float32Array(16_000), speech.subarray(0, 9000), speech.subarray(3000, 3700)];
  const alone = await Promise.all(batch.map(encode));
  (await encoder.encode(batch)).forEach((sequence, i) => equal(apart(sequence, alone[i]), 0));
  for (const { data } of alone) ok(data.every(Number.isFinite));
});
