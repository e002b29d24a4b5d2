import * as tf from "@tensorflow/tfjs-core";
import { type NamedTensorMap, useEngine } from "../compute/mod.ts";
import { disposeParams, dropoutKeys, type Params } from "../nn/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { tensorsOf } from "./encode_rows.ts";
import { readSpeechEncoder } from "./hf/speech/speech_encoder.ts";
import { lowerStates } from "./lower_states.ts";
import { modelEncoder } from "./network.ts";
import { packed, unpacked } from "./unencoded.ts";

await useEngine();

const FAMILIES = [
  "wav2vec2",
  "wav2vec2-stable",
  "hubert",
  "wavlm",
  "unispeech",
  "unispeech-sat",
  "data2vec-audio",
];
const still = { training: false, dropout: dropoutKeys(0, 0) };
const clips = [640, 333, 3, 41, 500, 1200].map((length, seed) => {
  const { normal } = random(seed);
  return packed(Float32Array.from({ length }, () => 0.1 * normal() + 0.02));
});

/** Returns the convolutions of a tiny encoder, with the number of passes so far. */
async function tinyPart(name: string) {
  const { lower, ...encoder } = modelEncoder(await readSpeechEncoder(fixture(`encoders/${name}`)));
  const count = { passes: 0 };
  const apply = (params: Params, inputs: NamedTensorMap) => (count.passes++, lower!.apply(params, inputs));
  return { ...encoder, count, lower: { ...lower!, apply } };
}

for (const name of FAMILIES) {
  Deno.test(`states of ${name} follow from frames as from samples, in any order to the bit`, async () => {
    const part = await tinyPart(`tiny-${name}`), cacheDir = await Deno.makeTempDir();
    const { apply, params, preprocess, lower, count } = part;
    const frames = await lowerStates(part, [...clips, clips[0]], { cacheDir });
    equal(count.passes, clips.length);
    deepEqual(frames.map((own) => own!.length), [31, 16, 1, 1, 24, 59, 31]);
    const turned = await lowerStates(part, clips.toReversed(), { cacheDir: await Deno.makeTempDir() });
    deepEqual(turned.toReversed().map((own) => own!.data), frames.slice(0, -1).map((own) => own!.data));
    const before = count.passes;
    await lowerStates(part, clips.slice(2), { cacheDir });
    equal(count.passes, before);

    const statesOf = async (feed: ReturnType<typeof lower.pad>) => {
      const { states, mask } = tf.tidy(() => apply(params, tensorsOf(feed), still));
      return { shape: states.shape, states: await states.data(), mask: await mask.data() };
    };
    const actual = await statesOf(lower.pad([...frames.slice(0, 2), undefined, ...frames.slice(2)]));
    const rows = [...clips.slice(0, 2), [], ...clips.slice(2), clips[0]].map(unpacked);
    const expected = await statesOf(preprocess.pad(rows)), [, , width] = expected.shape;
    deepEqual([actual.shape, actual.mask], [expected.shape, expected.mask]);
    expected.states.forEach((x, i) => {
      const at = Math.floor(i / width), isMissing = Math.floor(at / expected.shape[1]) === 2;
      if (expected.mask[at] && !isMissing) {
        ok(Math.abs(actual.states[i] - x) < 1e-5, `${actual.states[i]} for ${x}`);
      }
    });
    ok(actual.states.every(Number.isFinite));
    disposeParams(params);
  });
}

Deno.test("frames have a cache of their own by convolutions, and none if they are not finite", async () => {
  const part = await tinyPart("tiny-wav2vec2"), cacheDir = await Deno.makeTempDir(), { params, count } = part;
  const weight = params[`${part.lower.prefix}.conv_layers.2.conv.weight`] as tf.Variable;
  const [before] = await lowerStates(part, clips.slice(0, 1), { cacheDir });
  weight.assign(tf.mul(weight, 2));
  const [after] = await lowerStates(part, clips.slice(0, 1), { cacheDir });
  deepEqual([count.passes, before!.data.every((x, i) => x === after!.data[i])], [2, false]);
  weight.assign(tf.fill(weight.shape, NaN));
  deepEqual(await lowerStates(part, clips.slice(0, 1), { cacheDir }), [undefined]);
  const signal = AbortSignal.abort(new Error("stop"));
  await rejects(lowerStates(part, clips, { cacheDir, signal }), /stop/);
  disposeParams(params);
});
