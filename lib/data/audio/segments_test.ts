import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { random } from "../../random.ts";
import { envelopeOf } from "./envelope.ts";
import { readClip } from "./load.ts";
import { type SegmentOptions, segmentsOf } from "./segments.ts";
import { stretchFinder } from "./spans.ts";

const { samples: clip } = await readClip(fixture("audio/pcm16_16k_mono.wav"));

/** Puts parts one after the other; a number stands for so many seconds of silence. */
function soundOf(...parts: (number | Float32Array)[]): Float32Array {
  return Float32Array.from(
    parts.flatMap((part) => typeof part === "number" ? new Array<number>(part * 16000).fill(0) : [...part]),
  );
}

/** Cuts a sound that arrives in pieces of these lengths. */
function cut(sound: Float32Array, options: SegmentOptions = {}, length = () => 4000) {
  async function* pieces() {
    for (let from = 0, to; from < sound.length; from = to) yield sound.subarray(from, to = from + length());
  }
  return Array.fromAsync(segmentsOf(pieces(), options));
}

Deno.test("speech between silences is found with its samples, however the sound arrives", async () => {
  const sound = soundOf(1, clip, 1.2, clip, 0.7), found = await cut(sound);
  ok(found.length >= 2, JSON.stringify(found.map(({ start, end }) => [start, end])));
  ok(found[0].start > 0.7 && found.at(-1)!.end < sound.length / 16000 - 0.4);
  for (const { start, end, samples } of found) {
    if (samples) deepEqual(samples, sound.slice(Math.round(start * 16000), Math.round(end * 16000)));
  }
  const { integer } = random(1);
  deepEqual(await cut(sound, {}, () => 1 + integer(40_000)), found);
});

Deno.test("long speech is cut, and no sample is lost or read twice", async () => {
  const sound = soundOf(...Array.from({ length: 8 }, () => clip)), longest = 2;
  const found = await cut(sound, { longest, pause: 5 });
  ok(found.length > 2);
  ok(found.every(({ start, end }) => end - start <= longest + 0.2 + 1e-9));
  found.slice(1).forEach(({ start }, i) => ok(start >= found[i].end - 1e-9));
});

Deno.test("speech is cut where it is least likely in the second half of the longest time", () => {
  const finder = stretchFinder({ longest: 10 * 0.032, shortest: 0.01 });
  const found = [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.4, 0.6, 0.9, 0.9, 0.9].map(finder.next).filter(Boolean);
  deepEqual(found, [{ start: 0, end: 6 * 512, isCut: true, counts: true }]);
  deepEqual(finder.end(11 * 512), { start: 6 * 512, end: 11 * 512, isCut: false, counts: true });
});

Deno.test("silence has no segment; short speech and windows without speech have a reason", async () => {
  deepEqual(await cut(soundOf(3)), []);
  deepEqual(await cut(new Float32Array(0)), []);
  const short = await cut(soundOf(1, clip, 1), { shortest: 60 });
  ok(short.length > 0 && short.every(({ reason }) => reason === "shorter than 60 s"));
});

Deno.test("windows cover the sound; the last one may be too short", async () => {
  const sound = soundOf(2, clip, 2.1),
    seconds = sound.length / 16000,
    found = await cut(sound, { window: 1 });
  equal(found.length, Math.ceil(seconds));
  found.forEach(({ start }, i) => equal(start, i));
  equal(found.at(-1)!.end, seconds);
  equal(found[0].reason, "no speech");
  equal(found.at(-1)!.reason, seconds % 1 < 0.5 ? "shorter than 0.5 s" : "no speech");
  const spoken = found.filter(({ samples }) => samples);
  ok(spoken.length > 0);
  for (const { start, samples } of spoken) {
    deepEqual(samples, sound.slice(start * 16000, (start + 1) * 16000));
  }
});

Deno.test("the outline has the extremes of equal parts, in bounded memory", () => {
  const { normal } = random(5), sound = Float32Array.from({ length: 1_000_000 }, () => 0.1 * normal());
  const outline = envelopeOf();
  for (let from = 0; from < sound.length; from += 12_345) outline.add(sound.subarray(from, from + 12_345));
  const { step, low, high } = outline.envelope(), length = step * 16000;
  ok(low.length <= 2048 && low.length > 512);
  equal(low.length, Math.ceil(sound.length / length));
  for (const i of [0, 7, low.length - 1]) {
    const part = sound.subarray(i * length, (i + 1) * length);
    deepEqual([low[i], high[i]], [Math.min(...part), Math.max(...part)]);
  }
});
