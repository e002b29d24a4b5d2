import { deepEqual, ok } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { random } from "../../random.ts";
import { fixture } from "../../testing/shared.ts";
import { pitch, pitchByBlocks } from "./pitch.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const { tensors } = await readSafetensors(fixture("audio/features.safetensors"));

Deno.test("agrees with librosa's pYIN on speech: pitch where voiced, and what is voiced", () => {
  const frames = Array.from(tensors.f0.data, (f0, i) => ({
    expected: f0,
    voiced: tensors.f0_voiced.data[i] === 1,
    ...pitch(speech, 160 * i),
  }));
  const agreed = frames.filter(({ voiced, periodicity }) => voiced === periodicity > 0.5).length;
  ok(agreed / frames.length > 0.9, `${agreed} of ${frames.length}`);
  const errors = frames.filter(({ voiced }) => voiced).map(({ f0, expected }) => Math.abs(f0 / expected - 1));
  errors.sort((a, b) => a - b);
  ok(errors[errors.length >> 1] < 0.01, "median");
  ok(errors[Math.floor(errors.length * 0.95)] < 0.05, "95 %");
});

Deno.test("finds the pitch of harmonic tones to 0.5 %, noise and silence are not periodic", () => {
  for (const hz of [70, 110, 233, 380]) {
    const tone = Float32Array.from({ length: 2000 }, (_, i) => {
      const phase = 2 * Math.PI * hz * i / 16_000;
      return 0.1 * Math.sin(phase) + 0.2 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
    });
    const { f0, periodicity } = pitch(tone, 500);
    ok(Math.abs(f0 / hz - 1) < 0.005 && periodicity > 0.95, `${hz} Hz: ${f0}, ${periodicity}`);
  }
  const { normal } = random(1);
  ok(pitch(Float32Array.from({ length: 2000 }, normal), 0).periodicity < 0.3);
  deepEqual(pitch(new Float32Array(2000), 0).periodicity, 0);
});

Deno.test("blocks give the pitch of each frame by itself", () => {
  const count = Math.floor((speech.length - 1024) / 160) + 1; // whole frames; fewer than are computed at once
  const long = new Float32Array(2 * speech.length);
  long.set(speech);
  long.set(speech, speech.length);
  for (const [clip, frames] of [[speech, count], [long, 2 * count]] as const) {
    pitchByBlocks(clip, 0, frames).forEach(({ f0, periodicity }, i) => {
      const alone = pitch(clip, 160 * i);
      ok(
        Math.abs(f0 / alone.f0 - 1) < 1e-6 && Math.abs(periodicity - alone.periodicity) < 1e-9,
        `frame ${i}`,
      );
    });
  }
});
