import { deepEqual, equal, notEqual, ok } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { random } from "../../random.ts";
import { fixture } from "../../testing/shared.ts";
import type { Sequence } from "../encoder.ts";
import { speechEmbedding } from "../speech_embedding.ts";
import { acoustic1 } from "./acoustic_1.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const samplesOf = (name: string) => clips.tensors[name].data as Float32Array;
const speech = samplesOf("pcm16_16k_mono.wav");
const { tensors: reference } = await readSafetensors(fixture("audio/features.safetensors"));
const encoder = await acoustic1(), embedding = await speechEmbedding();

/**
 * Columns at which a state's parts begin: embedding, log-mel, descriptors, and functionals of the whole
 * utterance.
 */
const MEL = 96, TRACKS = MEL + 80, WHOLE = TRACKS + 16;
const FUNCTIONALS_OF_MEL = WHOLE + 2 * 96, FUNCTIONALS_OF_TRACKS = FUNCTIONALS_OF_MEL + 7 * 80;
const WIDTH = FUNCTIONALS_OF_TRACKS + 7 * 16 + 2 * 16 + 15;

const encode = async (samples: Float32Array) => (await encoder.encode([samples]))[0];
const part = ({ data, width }: Sequence, t: number, from: number, to: number) =>
  data.subarray(t * width + from, t * width + to);
const close = (found: number, expected: number, tolerance: number, what: string) =>
  ok(Math.abs(found - expected) < tolerance, `${what}: ${found}, expected ${expected}`);
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
/** Returns a column of librosa's `[118, width]` features of the clip. */
const column = (name: string, width = 1, i = 0) =>
  Array.from({ length: 118 }, (_, frame) => reference[name].data[frame * width + i]);

Deno.test("local parts are the embedding and means of librosa's features around each state", async () => {
  const states = await encode(speech), [embedded] = await embedding.encode([speech]);
  deepEqual([encoder.width, encoder.rate, states.width, states.length], [WIDTH, 12.5, WIDTH, 14]);
  for (let t = 0; t < states.length; t++) {
    const nearest = Math.min(5, Math.max(0, t - 4));
    deepEqual(part(states, t, 0, MEL), part(embedded, nearest, 0, MEL));
    const around = (values: number[]) => meanOf(values.slice(Math.max(0, 8 * t - 4), 8 * t + 12)); // 160 ms
    for (let band = 0; band < 80; band++) {
      const expected = around(column("log_mel_slaney", 80, band));
      close(part(states, t, 0, WIDTH)[MEL + band], expected, 1e-3, `band ${band} of state ${t}`);
    }
    const crossings = around(column("zero_crossing_rate"));
    close(part(states, t, 0, WIDTH)[TRACKS + 4], crossings, 1e-6, `zero crossings of state ${t}`);
  }
});

Deno.test("the whole utterance's part: moments of the embedding, statistics of librosa's features, seconds", async () => {
  const states = await encode(speech), [embedded] = await embedding.encode([speech]);
  const whole = part(states, 3, 0, WIDTH);
  const check = (from: number, values: number[], tolerance: number) => {
    const mean = meanOf(values);
    close(whole[from], mean, tolerance, `mean at ${from}`);
    close(whole[from + 1], Math.sqrt(meanOf(values.map((x) => (x - mean) ** 2))), tolerance, `deviation`);
  };
  for (let i = 0; i < 96; i++) {
    check(WHOLE + 2 * i, Array.from({ length: 6 }, (_, t) => embedded.data[t * 96 + i]), 1e-4);
  }
  for (let band = 0; band < 80; band++) {
    check(FUNCTIONALS_OF_MEL + 7 * band, column("log_mel_slaney", 80, band), 1e-3);
  }
  check(FUNCTIONALS_OF_TRACKS + 7 * 4, column("zero_crossing_rate"), 1e-6);
  const voiced = Array.from(reference.f0_voiced.data),
    octaves = Array.from(reference.f0.data, (f0) => Math.log2(f0 / 100));
  const [pitch, share] = [whole[WIDTH - 15], whole[WIDTH - 5]];
  close(pitch, meanOf(octaves.filter((_, i) => voiced[i])), 0.1, "mean pitch in octaves, by pYIN");
  close(share, meanOf(voiced), 0.1, "share of voiced frames, by pYIN");
  close(whole[WIDTH - 1], 1.18, 1e-6, "seconds");
  for (let t = 0; t < states.length; t++) {
    deepEqual(part(states, t, WHOLE, WIDTH), part(states, 3, WHOLE, WIDTH));
  }
});

Deno.test("voiced stretches are counted and measured", async () => {
  const tone = (t: number) => 0.2 * Math.sin(300 * Math.PI * t) + 0.2 * Math.sin(600 * Math.PI * t);
  const samples = Float32Array.from({ length: 32_000 }, (_, i) => i % 16_000 < 8000 ? tone(i / 16_000) : 0);
  const phrasing = part(await encode(samples), 0, WIDTH - 15, WIDTH);
  for (const i of [0, 2, 3, 4, 5, 6]) close(phrasing[i], Math.log2(1.5), 0.02, `pitch ${i}`);
  for (const i of [1, 7, 8, 9]) close(phrasing[i], 0, 0.02, `movement ${i}`);
  const [share, perSecond, length, spread, seconds] = phrasing.subarray(10);
  close(seconds, 1.98, 1e-6, "seconds");
  close(perSecond, 2 / 1.98, 1e-6, "stretches per second");
  close(length, 0.5, 0.05, "their length");
  close(share, 2 * length / 1.98, 1e-6, "share");
  ok(spread < 0.03, `${spread}`);
});

Deno.test("a click at 1.0 s moves the states there in the local parts, and all in the whole's", async () => {
  const { normal } = random(5);
  const quiet = Float32Array.from({ length: 48_000 }, () => 0.01 * normal());
  const clicked = quiet.map((x, i) => i >= 16_000 && i < 16_020 ? x + 0.5 : x);
  const [without, with_] = [await encode(quiet), await encode(clicked)];
  equal(without.length, 37);
  const moved = (from: number, to: number) =>
    Array.from({ length: 37 }, (_, t) => t).filter((t) => {
      const [a, b] = [part(without, t, from, to), part(with_, t, from, to)];
      return a.some((x, i) => x !== b[i]);
    });
  // Frames 98 to 100 contain the click; state t averages frames 8t - 4 to 8t + 11.
  deepEqual(moved(MEL, TRACKS), [11, 12, 13]);
  // Embeddings 3 to 12 contain the click, four states later.
  deepEqual(moved(0, MEL), [7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  equal(moved(WHOLE, WIDTH).length, 37);
});

Deno.test("states of a clip do not depend on what else is in the batch, nor where", async () => {
  const batch = [speech, new Float32Array(0), speech.map((x) => 3 * x), samplesOf("mulaw_8k_mono.wav")];
  const alone = await Promise.all(batch.map(encode));
  deepEqual(await encoder.encode(batch), alone);
  deepEqual(await encoder.encode(batch.toReversed()), alone.toReversed());
});

Deno.test("empty, tiny, silent, clipped and long clips have finite states of the right number", async () => {
  const minute = Float32Array.from({ length: 960_000 }, (_, i) => speech[i % speech.length]);
  const cases: [string, Float32Array, number][] = [
    ["empty", new Float32Array(0), 0],
    ["one sample", Float32Array.of(1), 1],
    ["10 ms", speech.subarray(8000, 8160), 1],
    ["0.1 s", speech.subarray(8000, 9600), 1],
    ["silent", new Float32Array(16_000), 12],
    ["silent after speech", Float32Array.from({ length: 32_000 }, (_, i) => speech[i] ?? 0), 24],
    ["constant", new Float32Array(16_000).fill(1), 12],
    ["clipped", samplesOf("dirty_clipped.wav"), 3],
    ["a minute", minute, 749],
  ];
  for (const [name, samples, length] of cases) {
    const states = await encode(samples);
    deepEqual([states.length, states.width, states.data.length], [length, WIDTH, length * WIDTH], name);
    ok(states.data.every(Number.isFinite), name);
  }
});

Deno.test("the fingerprint is that of the caches and runs that exist", async () => {
  equal(encoder.fingerprint, "1810a655b2eb9ba8");
  equal((await acoustic1()).fingerprint, encoder.fingerprint);
  notEqual(encoder.fingerprint, embedding.fingerprint);
});
