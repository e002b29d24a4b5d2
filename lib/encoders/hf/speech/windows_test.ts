import { hostValues, useEngine } from "../../../compute/mod.ts";
import { random } from "../../../random.ts";
import { deepEqual, equal, ok } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { live, tinySpeech } from "../../../testing/tiny_encoders.ts";
import { encodeRows } from "../../encode_rows.ts";
import { frozenEncoder } from "../../network.ts";
import { framesOf } from "./frames.ts";
import { readSpeechEncoder } from "./speech_encoder.ts";
import { mostFrames, speechWindows } from "./windows.ts";

await useEngine();

const FAMILIES = [
  "tiny-wav2vec2",
  "tiny-wav2vec2-stable",
  "tiny-hubert",
  "tiny-wavlm",
  "tiny-unispeech-sat",
  "tiny-data2vec-audio",
];

/** Coloured noise whose loudness and offset change, so that no part has the whole's mean and variance. */
function voice(length: number): Float32Array {
  const draw = random(7), samples = new Float32Array(length);
  for (let i = 1; i < length; i++) samples[i] = 0.7 * samples[i - 1] + 0.1 * draw.normal();
  return samples.map((x, i) => x * (1 + i / 2000) + 0.1 * Math.sin(i / 900));
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

/** Returns the states of one pass, and those of windows of `most` frames. */
async function bothWays(folder: string, samples: Float32Array, most: number, layer?: number) {
  const network = await readSpeechEncoder(folder, layer), { config } = tinySpeech(folder.split("/").at(-1)!);
  const normalise = JSON.stringify(network.files).includes('"do_normalize":true');
  const { params } = live(network), whole = { ...network, params, piece: Infinity };
  const windows = (row: ArrayLike<number>) =>
    speechWindows(row, (name) => hostValues(params[name]), config, normalise, most);
  const [one] = await encodeRows(whole, [samples]);
  const [stitched] = await encodeRows({ ...whole, piece: most, windows }, [samples]);
  return { one, stitched };
}

for (const name of FAMILIES) {
  Deno.test(`${name}: what attention reads is the same in windows as in one pass`, async () => {
    const samples = voice(9013);
    const { one, stitched } = await bothWays(fixture(`encoders/${name}`), samples, 104, 0);
    equal(stitched.length, framesOf(samples.length, tinySpeech(name).config));
    equal(stitched.length, one.length);
    const apart = distance(one.data, stitched.data);
    ok(apart < 2e-5, `${apart}`);
  });
}

Deno.test("a clip that fits in one pass is not computed in windows", async () => {
  const network = await readSpeechEncoder(fixture("encoders/tiny-wav2vec2"));
  const never = () => {
    throw new Error("windows");
  };
  const samples = voice(3000), plain = await frozenEncoder(network).encode([samples]);
  deepEqual(await frozenEncoder({ ...network, windows: never }).encode([samples]), plain);
});

Deno.test("memory of a pass has a bound, whatever the sizes", () => {
  const { config } = tinySpeech("tiny-wav2vec2");
  const base = {
    ...config,
    conv_dim: new Array(7).fill(512),
    conv_kernel: [10, 3, 3, 3, 3, 2, 2],
    conv_stride: [5, 2, 2, 2, 2, 2, 2],
  };
  for (const heads of [1, 12, 16, 1024]) {
    const frames = mostFrames({ ...base, num_attention_heads: heads });
    ok(4 * heads * frames ** 2 <= 2 ** 28 && 4 * 512 * 64 * frames <= 2 ** 28, `${heads} heads`);
    ok(heads > 16 || frames > 30 * 50, "30 s of the usual models are computed whole");
  }
});
