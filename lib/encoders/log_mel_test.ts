import { deepEqual, ok } from "../testing/assert.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { fixture } from "../testing/shared.ts";
import { logMel } from "./log_mel.ts";

const clips = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = clips.tensors["pcm16_16k_mono.wav"].data as Float32Array;
const { log_mel_slaney: reference } = (await readSafetensors(fixture("audio/features.safetensors"))).tensors;
const encoder = logMel();

Deno.test("states are mean and deviation of librosa's log-mel frames over 80 ms", async () => {
  const [states] = await encoder.encode([speech]);
  deepEqual([states.length, states.width], [14, 160]); // of 118 frames
  for (let t = 0; t < states.length; t++) {
    for (let band = 0; band < 80; band++) {
      const frames = Array.from({ length: 8 }, (_, i) => reference.data[(8 * t + i) * 80 + band]);
      const mean = frames.reduce((a, b) => a + b) / 8;
      const deviation = Math.sqrt(frames.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 8);
      ok(Math.abs(states.data[t * 160 + band] - mean) < 1e-3);
      ok(Math.abs(states.data[t * 160 + 80 + band] - deviation) < 1e-3);
    }
  }
});

Deno.test("short, silent and empty clips are defined, alone as in a batch", async () => {
  const batch = [new Float32Array(100), speech.subarray(0, 700), new Float32Array(0), speech];
  const together = await encoder.encode(batch);
  deepEqual(together.map(({ length }) => length), [1, 1, 0, 14]);
  const floor = [...new Array(80).fill(Math.fround(Math.log(1e-10))), ...new Array(80).fill(0)];
  deepEqual([...together[0].data], floor);
  for (const [i, states] of together.entries()) deepEqual((await encoder.encode([batch[i]]))[0], states);
});
