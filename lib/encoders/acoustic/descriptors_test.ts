import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { mfcc, rms, spectralCentroid, zeroCrossingRate } from "./descriptors.ts";
import { logMel, melFilters } from "./mel.ts";
import { powerSpectra } from "./spectrum.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const { tensors } = await readSafetensors(fixture("audio/features.safetensors"));
const { tolerance } = jsonFixture("audio/features.json");
const power = powerSpectra(speech);

const cases = {
  rms: rms(speech),
  zero_crossing_rate: zeroCrossingRate(speech),
  spectral_centroid: spectralCentroid(power),
  mfcc: mfcc(logMel(power, melFilters("slaney")), 13),
};

for (const [name, values] of Object.entries(cases)) {
  Deno.test(`${name} equals librosa's`, () => {
    const expected = tensors[name].data;
    equal(values.length, expected.length);
    const worst = Math.max(...values.map((x, i) => Math.abs(x - expected[i])));
    ok(worst < tolerance[name], `${worst}`);
  });
}

Deno.test("silence and clips shorter than a frame are defined", () => {
  const short = new Float32Array(100);
  deepEqual([...rms(short), ...zeroCrossingRate(short), ...spectralCentroid(powerSpectra(short))], [0, 0, 0]);
});
