/** The graphs of the embedded speech encoders give the states of their encoders. */
import { readSafetensors } from "../../../files/safetensors.ts";
import { random } from "../../../random.ts";
import { equal, ok } from "../../../testing/assert.ts";
import { isLong } from "../../../testing/amount.ts";
import { fixture } from "../../../testing/shared.ts";
import { distance, encoderOf } from "../../onnx_graph/testing.ts";
import { speechEncoder } from "../../registry.ts";

const { tensors } = await readSafetensors(fixture("audio/expected.safetensors"));
const speech = tensors["pcm16_16k_mono.wav"].data as Float32Array; // 1.2 s
const next = random(1).uniform;
const noise = (length: number, size: number) => Float32Array.from({ length }, () => size * (next() - 0.5));
/** A voice whose pitch moves, with pauses; not the numbers of 16-bit samples. */
const voice = (length: number, hz: number) => {
  const hum = noise(length, 0.01);
  return hum.map((x, i) => {
    const t = i / 16000, phase = 2 * Math.PI * hz * (t + 0.03 * Math.sin(3 * t));
    const on = Math.sin(5 * t) > -0.3 ? 0.5 + 0.5 * Math.sin(2 * t) : 0;
    return x + on * (0.3 * Math.sin(phase) + 0.2 * Math.sin(2 * phase) + 0.1 * Math.sin(5 * phase));
  });
};

const CLIPS: Record<string, Float32Array> = {
  speech,
  "speech with digital silence inside": speech.map((x, i) => i % 8000 < 3000 ? 0 : x),
  "speech between silences": Float32Array.from([
    ...new Float32Array(6000),
    ...speech,
    ...new Float32Array(9000),
  ]),
  "speech again and again": Float32Array.from(
    { length: 16_000 * (isLong ? 12 : 5) },
    (_, i) => speech[i % speech.length],
  ),
  "quiet speech": speech.map((x) => x / 1000),
  "a high voice": voice(50_001, 310),
  "a long low voice": voice(16_000 * (isLong ? 9 : 4), 80),
  noise: noise(20_000, 1),
  tone: Float32Array.from({ length: 16_000 }, (_, i) => 0.5 * Math.sin(2 * Math.PI * 440 * i / 16000)),
  "a square wave": Float32Array.from({ length: 16_000 }, (_, i) => i % 100 < 50 ? 0.25 : -0.25),
  silence: new Float32Array(12_345),
  "one sample": Float32Array.of(0.5),
  "less than a frame": voice(399, 200),
  "two frames": voice(560, 200),
  "less than an embedding": voice(1760, 150),
};

for (
  const name of [
    "acoustic@2",
    "acoustic@1",
    "speech-embedding",
    "log-mel",
    "prosody",
    "speech-embedding+prosody",
  ]
) {
  Deno.test(`the graph of ${name} gives the encoder's states: alone, in a batch, and with padding`, async () => {
    const encoder = await speechEncoder(name), encode = await encoderOf(await encoder.graph!());
    const expected = await encoder.encode(Object.values(CLIPS));
    for (const [i, [clip, samples]] of Object.entries(CLIPS).entries()) {
      const [alone] = await encode([samples], 0), off = distance(alone, expected[i]);
      ok(off < 1e-4, `${clip}: ${off}`); // states reach 60
    }
    const batch = await encode([...Object.values(CLIPS), undefined], 777);
    for (const [i, clip] of Object.keys(CLIPS).entries()) {
      const off = distance(batch[i], expected[i]);
      ok(off < 1e-4, `${clip} in a batch: ${off}`);
    }
    equal(batch.at(-1)!.length, 0); // no samples, no states
  });
}
