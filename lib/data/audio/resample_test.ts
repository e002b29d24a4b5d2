import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { filterFor, resample, resampler, SAMPLE_RATE } from "./resample.ts";

const USUAL = [8000, 11025, 22050, 24000, 32000, 44100, 48000, 96000];
/** Rates whose ratio to 16 kHz has as many phases as a second has samples. */
const ODD = [7999, 44099, 47999, 191999];
const RATES = [...USUAL, ...ODD];
const tone = (frequency: number, rate: number, length: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(2 * Math.PI * frequency * i / rate));

/** Returns the level in dB, without the ends, where silence begins. */
function level(samples: Float32Array): number {
  const inside = samples.subarray(200, samples.length - 200);
  return 10 * Math.log10(2 * inside.reduce((sum, x) => sum + x * x, 0) / inside.length);
}

for (const rate of RATES) {
  const nyquist = Math.min(rate, SAMPLE_RATE) / 2;
  Deno.test(`${rate} Hz: tones of the pass band are the same tones at 16 kHz`, () => {
    for (const frequency of [50, nyquist / 2, 0.92 * nyquist]) {
      const out = resample(tone(frequency, rate, rate), rate);
      const wanted = tone(frequency, SAMPLE_RATE, SAMPLE_RATE);
      const change = level(out) - level(wanted);
      ok(Math.abs(change) < 0.01, `${frequency} Hz: ${change} dB`);
      ok(out.every((x, i) => i < 200 || i >= out.length - 200 || Math.abs(x - wanted[i]) < 2e-3));
    }
  });
}

for (const rate of RATES.filter((rate) => rate > SAMPLE_RATE)) {
  Deno.test(`${rate} Hz: frequencies above 8 kHz are removed`, () => {
    for (const frequency of [8010, (8010 + rate / 2) / 2, 0.499 * rate]) {
      const out = level(resample(tone(frequency, rate, rate), rate));
      ok(out < -75, `${frequency} Hz: ${out} dB`);
    }
  });
}

Deno.test("8 kHz: no mirror image above 4 kHz", () => {
  const low = resample(tone(3000, 8000, 8000), 8000);
  const mirror = tone(5000, SAMPLE_RATE, low.length); // the mirror image of 3 kHz
  const mirrored = low.reduce((sum, x, i) => sum + x * mirror[i], 0) / (low.length / 2);
  ok(20 * Math.log10(Math.abs(mirrored)) < -75);
});

Deno.test("length is round(n * 16000 / rate), whatever the rate; a constant stays one", () => {
  for (const rate of [...RATES, 12345, 44099]) {
    for (const length of [0, 1, 2, 3, 7, 999, 5000]) {
      const out = resample(new Float32Array(length).fill(0.5), rate);
      equal(out.length, Math.round(length * SAMPLE_RATE / rate));
    }
    const middle = resample(new Float32Array(rate / 5).fill(0.5), rate).at(1600)!;
    ok(Math.abs(middle - 0.5) < 1e-6);
  }
});

Deno.test("16 kHz passes untouched", () => {
  const samples = tone(440, SAMPLE_RATE, 100);
  deepEqual(resample(samples, SAMPLE_RATE), samples);
});

Deno.test("a filter has at most 4 MB, whatever the rate; usual rates have a row for each phase", () => {
  for (let rate = 1000; rate <= 768_000; rate += 12_983) {
    const { weights } = filterFor(rate, SAMPLE_RATE);
    ok(weights.length <= 2 ** 20, `${rate} Hz: ${weights.length}`);
  }
  for (const rate of [1000, 1001, 767_999, 768_000]) {
    ok(filterFor(rate, SAMPLE_RATE).weights.length <= 2 ** 20);
  }
  for (const rate of USUAL) equal(filterFor(rate, SAMPLE_RATE).rows, filterFor(rate, SAMPLE_RATE).up);
});

Deno.test("filters are kept for the last few rates only", () => {
  const first = filterFor(44100, SAMPLE_RATE);
  for (const rate of [8000, 22050, 32000]) filterFor(rate, SAMPLE_RATE);
  equal(filterFor(44100, SAMPLE_RATE), first);
  for (let rate = 10_000; rate < 12_400; rate += 100) filterFor(rate, SAMPLE_RATE);
  ok(filterFor(44100, SAMPLE_RATE) !== first);
});

Deno.test("many samples at a time are the same as one after the other, to the last bit", () => {
  const { normal } = random(5);
  for (const [from, to] of [[48000, 16000], [44100, 16000], [14720, 16000]]) {
    for (const length of [1, 5, 70_000]) {
      const samples = Float32Array.from({ length }, () => 0.1 * normal()), pieces = resampler(from, to);
      const single = [...pieces.next(samples), ...pieces.end()];
      deepEqual(resample(samples, from, to), Float32Array.from(single), `${length} from ${from} Hz`);
    }
  }
});

Deno.test("a sound that comes piece by piece gives the same samples", () => {
  const { normal, integer } = random(4);
  for (const rate of [8000, 11025, 16000, 22050, 44100, 48000, 44101, 768000]) {
    const samples = Float32Array.from({ length: Math.round(rate * 0.05) + 7 }, () => 0.1 * normal());
    const pieces = resampler(rate), out: number[] = [];
    for (let from = 0, to; from < samples.length; from = to) {
      to = from + integer(700);
      out.push(...pieces.next(samples.subarray(from, to)));
    }
    deepEqual(Float32Array.from([...out, ...pieces.end()]), resample(samples, rate), `${rate} Hz`);
  }
});
