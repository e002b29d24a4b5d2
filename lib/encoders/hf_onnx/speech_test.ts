import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { speechEncoder } from "../registry.ts";
import { onnxSpeechEncoder } from "./speech.ts";

const source = fixture("encoders/tiny-wav2vec2");
const { tensors } = await readSafetensors(`${source}/expected.safetensors`);
const { sample_lengths, frame_lengths } = jsonFixture("encoders/tiny-wav2vec2/expected.json");
const HOP = 20, WINDOW = 10 + 5 * (3 - 1) + 10 * (2 - 1); // kernels 10, 3, 2 with strides 5, 2, 2

/** Makes a folder like the hub's, with the tiny wav2vec2's export. */
async function folder(preprocessor: Record<string, unknown>): Promise<string> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/onnx`);
  for (const file of ["onnx/model.onnx", "config.json"]) {
    await Deno.copyFile(`${source}/${file}`, `${path}/${file}`);
  }
  await Deno.writeTextFile(`${path}/preprocessor_config.json`, JSON.stringify(preprocessor));
  return path;
}

/** Returns the fixture's clips, and PyTorch's states for each of them alone. */
const [, longest] = tensors["input.input_values"].shape;
const clips = (sample_lengths as number[]).map((length, b) =>
  (tensors["input.input_values"].data as Float32Array).slice(b * longest, b * longest + length)
);
const expected = clips.map((_, b) => tensors[`alone.${b}.last_hidden`].data as Float32Array);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

const plain = await onnxSpeechEncoder(await folder({ do_normalize: false }));
const scaling = await onnxSpeechEncoder(await folder({ sampling_rate: 16_000 }));

Deno.test("an export's states equal PyTorch's of a clip alone, whatever is in the batch", async () => {
  deepEqual([plain.width, plain.rate], [24, 800]);
  const together = await plain.encode([...clips, new Float32Array(0)]);
  for (const [b, clip] of clips.entries()) {
    equal(together[b].length, frame_lengths[b]);
    ok(distance(together[b].data, expected[b]) < 2e-5);
    deepEqual((await plain.encode([clip]))[0], together[b]);
  }
  deepEqual(together.at(-1), { data: new Float32Array(0), length: 0, width: 24 });
});

Deno.test("loudness and offset do not matter if the model normalises", async () => {
  const [states] = await scaling.encode([clips[0]]);
  const [louder] = await scaling.encode([clips[0].map((x) => 30 * x + 2)]);
  ok(distance(states.data, louder.data) < 1e-3);
  const mean = clips[0].reduce((a, b) => a + b) / clips[0].length;
  const deviation = Math.sqrt(clips[0].reduce((sum, x) => sum + (x - mean) ** 2, 0) / clips[0].length);
  const [same] = await plain.encode([clips[0].map((x) => (x - mean) / deviation)]);
  ok(distance(states.data, same.data) < 1e-4);
  ok(scaling.fingerprint !== plain.fingerprint);
});

Deno.test("a clip too short for one state gets silence, one of over 1500 states is computed in windows", async () => {
  const short = clips[0].subarray(0, WINDOW - 3), padded = new Float32Array(WINDOW);
  padded.set(short);
  deepEqual(await plain.encode([short]), await plain.encode([padded]));

  const long = Float32Array.from({ length: 1524 * HOP + WINDOW }, (_, i) => Math.sin(i * i / 1e7));
  const [states] = await plain.encode([long]);
  equal(states.length, 1525);
  const [first] = await plain.encode([long.slice(0, 1499 * HOP + WINDOW)]);
  const [last] = await plain.encode([long.slice(25 * HOP)]);
  deepEqual(states.data.slice(0, 762 * 24), first.data.slice(0, 762 * 24)); // (25 + 1500) / 2
  deepEqual(states.data.slice(762 * 24), last.data.slice((762 - 25) * 24));
});

Deno.test("the registry finds the encoder by its folder", async () => {
  const path = await folder({});
  equal((await speechEncoder(`hf-onnx:${path}`)).fingerprint, scaling.fingerprint);
});

Deno.test("another rate is refused", async () => {
  await rejects(
    onnxSpeechEncoder(await folder({ sampling_rate: 8000 })),
    /found 8000 at sampling_rate \(.*preprocessor_config\.json\)/,
  );
});
