/** Features equal those of transformers' WhisperFeatureExtractor. */
import { readSafetensors } from "../../../../files/safetensors.ts";
import { deepEqual, equal, ok } from "../../../../testing/assert.ts";
import { fixture } from "../../../../testing/shared.ts";
import { statesOf, whisperFeatures } from "./features.ts";

const { tensors } = await readSafetensors(fixture("encoders/tiny-whisper/expected.safetensors"));
const samplesOf = (name: string) => tensors[`input.${name}`].data as Float32Array;

function requireEqual(actual: Float32Array, expected: ArrayLike<number>): void {
  equal(actual.length, expected.length);
  const off = actual.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i])), 0);
  ok(off < 2e-6, `${off}`);
}

Deno.test("spectra of a window equal transformers', padded or full", () => {
  const { data, shape: [, frames, bands] } = tensors["output.features"], size = frames * bands;
  for (const b of [0, 1, 2]) {
    requireEqual(whisperFeatures(samplesOf(`${b}`), 50, 80), data.subarray(b * size, (b + 1) * size));
  }
});

Deno.test("spectra of the usual 30 s equal transformers', with 80 and 128 bands", () => {
  for (const bands of [80, 128]) {
    const expected = tensors[`spectra.${bands}`].data, own = whisperFeatures(samplesOf("1"), 1500, bands);
    requireEqual(own.subarray(0, expected.length), expected);
    // All further spectra are silence, like the last of these.
    const last = own.slice(expected.length - bands, expected.length);
    for (let at = expected.length; at < own.length; at += bands) {
      deepEqual(own.subarray(at, at + bands), last);
    }
  }
});

Deno.test("spectra of a recording longer than the window equal transformers' of the whole", () => {
  const samples = samplesOf("long");
  requireEqual(whisperFeatures(samples, statesOf(samples.length), 80), tensors["long.features"].data);
});

Deno.test("silence and an empty clip give finite spectra, all at the floor", () => {
  for (const samples of [new Float32Array(0), new Float32Array(16000)]) {
    // log10(1e-10) is -10; plus 4, divided by 4.
    ok(whisperFeatures(samples, 50, 80).every((x) => x === -1.5));
  }
});

Deno.test("a hidden state is a recording's own if its centre is", () => {
  deepEqual([0, 1, 320, 321, 640, 641, 480_000].map(statesOf), [1, 1, 1, 2, 2, 3, 1500]);
});
