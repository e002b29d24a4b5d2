import { deepEqual, ok } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { logMel, melFilters, type MelScale } from "./mel.ts";
import { frameCount, powerSpectra } from "./spectrum.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const { tensors } = await readSafetensors(fixture("audio/features.safetensors"));
const { tolerance } = jsonFixture("audio/features.json");

Deno.test("log-mel spectra equal librosa's on both scales", () => {
  for (const scale of ["slaney", "htk"] as MelScale[]) {
    const mel = logMel(powerSpectra(speech), melFilters(scale));
    const expected = tensors[`log_mel_${scale}`];
    deepEqual([mel.length / 80, 80], expected.shape);
    const worst = Math.max(...mel.map((x, i) => Math.abs(x - expected.data[i])));
    ok(worst < tolerance.log_mel, `${scale}: ${worst}`);
  }
});

Deno.test("a clip shorter than 25 ms has one frame, a longer one a frame each 10 ms; silence is at the floor", () => {
  deepEqual([0, 1, 399, 400, 559, 560].map(frameCount), [0, 1, 1, 1, 1, 2]);
  const silent = logMel(powerSpectra(new Float32Array(300)), melFilters("slaney"));
  deepEqual(silent, new Float32Array(80).fill(Math.log(1e-10)));
});
