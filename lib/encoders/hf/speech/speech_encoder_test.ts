import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, type Feed, maskedMean, updateInPlace, useEngine } from "../../../compute/mod.ts";
import { capture, disposeParams, dropoutKeys, type ForwardContext, type Params } from "../../../nn/mod.ts";
import { random } from "../../../random.ts";
import { deepEqual, equal, notDeepEqual, ok, rejects } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { live, tinySpeechFolder } from "../../../testing/tiny_encoders.ts";
import { frozenEncoder } from "../../network.ts";
import { speechEncoder } from "../../registry.ts";
import { frozenSpeechEncoder, readSpeechEncoder } from "./speech_encoder.ts";
import type { SpeechInputs } from "./waveform.ts";

const FAMILIES = [
  "tiny-wav2vec2",
  "tiny-wav2vec2-stable",
  "tiny-hubert",
  "tiny-wavlm",
  "tiny-unispeech-sat",
  "tiny-data2vec-audio",
];
const evaluation = { training: false, dropout: dropoutKeys(0, 0) };
const training = (seed: number) => ({ training: true, dropout: dropoutKeys(seed, 1) });

/** Coloured noise with a given loudness and an offset from zero. */
function voice(length: number, seed: number): Float32Array {
  const draw = random(seed), samples = new Float32Array(length);
  for (let i = 1; i < length; i++) samples[i] = 0.7 * samples[i - 1] + 0.1 * draw.normal();
  return samples.map((x) => x + 0.02);
}
const voices = [640, 333, 3, 41, 500, 0, 1200].map(voice);
const distance = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

await useEngine();

for (const name of FAMILIES) {
  Deno.test(`states of ${name} do not depend on the batch an utterance is in`, async () => {
    const network = await readSpeechEncoder(fixture(`encoders/${name}`));
    const { params, prepare, apply } = live(network), { encode } = frozenEncoder(network);
    const inputs = prepare(voices);
    const states = tf.tidy(() => apply(params, inputs, evaluation).states);
    const [, length, width] = states.shape, together = await states.data(), real = await inputs.mask.data();
    const alone = await encode(voices);
    for (const [b, own] of alone.entries()) {
      // Kernels 10, 3, 2 with strides 5, 2, 2: 30 samples for the first frame and 20 for each further one.
      equal(own.length, Math.max(1, Math.floor((voices[b].length - 30) / 20) + 1));
      deepEqual(
        [...real.slice(b * length, (b + 1) * length)],
        Array.from({ length }, (_, t) => t < own.length ? 1 : 0),
      );
      const row = together.slice(b * length * width, (b * length + own.length) * width) as Float32Array;
      ok(own.data.every(Number.isFinite) && distance(own.data, row) < 1e-5, `${voices[b].length} samples`);
    }
    const turned = await encode([...voices].reverse());
    deepEqual(turned.reverse(), alone);
    deepEqual(await encode([]), []);
    tf.dispose([states, Object.values(inputs)]);
    disposeParams(params);
  });

  Deno.test(`clips of one padded length share a pass of ${name}, and keep the states of each alone`, async () => {
    const network = await readSpeechEncoder(fixture(`encoders/${name}`)), shapes: number[][] = [];
    const encoder = frozenEncoder({
      ...network,
      apply(params: Params, inputs: SpeechInputs, context: ForwardContext) {
        shapes.push(inputs.samples.shape);
        return network.apply(params, inputs, context);
      },
    });
    const clips = [330, 1200, 520, 600, 333, 610, 345, 540, 3].map((length, i) =>
      voice(length, i).map((x) => x * 10 ** (i % 3 - 1)) // of various loudness
    );
    const together = await encoder.encode(clips), counts = shapes.map(([rows]) => rows);
    deepEqual(counts, [1, 4, 4]); // 1,200 samples; 520 to 669: 32 frames; up to 349: 16 frames
    for (const [i, clip] of clips.entries()) {
      const [own] = await encoder.encode([clip]), scale = Math.max(...own.data.map(Math.abs));
      equal(together[i].length, own.length);
      ok(distance(own.data, together[i].data) < 1e-6 * scale, `clip of ${clip.length} samples`);
    }
    encoder.release!();
  });

  Deno.test(`a training step of ${name} has no fallback, gives every parameter a gradient, and does not leak`, async () => {
    const { params, prepare, apply } = live(
      await readSpeechEncoder(
        await tinySpeechFolder(name, { apply_spec_augment: true, layerdrop: 0.3, feat_proj_dropout: 0.1 }),
      ),
    );
    const inputs = prepare(voices), held = tf.memory().numTensors;
    currentEngine().resetStats();
    const step = async (seed: number) => {
      const { value, grads } = tf.variableGrads(() => {
        const { states, mask } = apply(params, inputs, training(seed));
        return tf.sum(tf.square(maskedMean(states, mask))) as tf.Scalar;
      }, Object.values(params));
      equal(Object.keys(grads).length, Object.keys(params).length);
      for (const grad of Object.values(grads)) ok((await grad.data()).every(Number.isFinite));
      const [loss] = await value.data();
      tf.dispose([value, grads]);
      return loss;
    };
    const first = await step(1), { compiles } = currentEngine().stats();
    equal(await step(1), first);
    ok(await step(2) !== first);
    equal(currentEngine().stats().compiles, compiles, "dropped layers and masks are no new graph");
    deepEqual(currentEngine().stats().fallbacks, {});
    equal(tf.memory().numTensors, held);
    tf.dispose(Object.values(inputs));
    disposeParams(params);
  });
}

Deno.test("a replayed step draws new masks and dropped layers", async () => {
  for (const name of FAMILIES) {
    const folder = await tinySpeechFolder(name, {
      apply_spec_augment: true,
      mask_feature_prob: 0.2,
      layerdrop: 0.5,
    });
    const { params, prepare, apply } = live(await readSpeechEncoder(folder));
    const loss = (inputs: SpeechInputs, seed: number) =>
      tf.tidy(() => tf.mean(tf.square(apply(params, inputs, training(seed)).states))) as tf.Scalar;
    let calls = 0;
    const captured = capture((inputs, context) => {
      calls++;
      return { loss: tf.mean(tf.square(apply(params, inputs as SpeechInputs, context).states)) };
    }, params);
    for (let seed = 0; seed < 5; seed++) {
      const inputs = prepare(voices.map((_, i) => voice(600 + 10 * i + seed, seed)));
      const feed: Feed = {};
      for (const [name, tensor] of Object.entries(inputs)) {
        feed[name] = { data: await tensor.data() as Float32Array, shape: tensor.shape };
      }
      const plain = loss(inputs as SpeechInputs, seed), [expected] = await plain.data();
      const { loss: [actual] } = await captured.run(feed, training(seed));
      ok(Math.abs(actual - expected) < 1e-6, `${name}: ${actual} where ${expected} was to be`);
      tf.dispose([plain, Object.values(inputs)]);
    }
    equal(calls, 2, name);
    captured.dispose();
    disposeParams(params);
  }
});

/**
 * Returns the kernels of a step that trains the parameters with these prefixes, and the names that get a
 * gradient.
 */
async function recorded(params: Params, loss: () => tf.Scalar, ...prefixes: string[]) {
  const trained = Object.keys(params).filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  const engine = tf.engine(), { runKernel } = engine, kernels: string[] = [];
  engine.runKernel = (name, ...rest) => {
    kernels.push(name);
    return runKernel.call(engine, name, ...rest) as never;
  };
  try {
    const { value, grads } = tf.variableGrads(loss, trained.map((name) => params[name]));
    await value.data();
    equal(Object.keys(grads).length, trained.length);
    tf.dispose([value, grads]);
  } finally {
    engine.runKernel = runKernel;
  }
  return ["Conv1d", "Conv1dInputGrad", "Conv1dWeightGrad", "GroupNormGrad"]
    .map((kernel) => kernels.filter((name) => name === kernel).length);
}

Deno.test("gradients stop at frozen layers", async () => {
  const { params, prepare, apply } = live(await readSpeechEncoder(fixture("encoders/tiny-wav2vec2")));
  const inputs = prepare(voices);
  const loss = () => tf.sum(tf.square(apply(params, inputs, evaluation).states)) as tf.Scalar;
  // Three strided convolutions and the positional one; the samples need no gradient.
  deepEqual(await recorded(params, loss, "feature_", "encoder."), [4, 3, 4, 1]);
  deepEqual(await recorded(params, loss, "feature_projection.", "encoder."), [4, 1, 1, 0]);
  deepEqual(await recorded(params, loss, "encoder."), [4, 0, 1, 0]);
  deepEqual(await recorded(params, loss, "encoder.layers."), [4, 0, 0, 0]);
  deepEqual(await recorded(params, loss, "feature_extractor.conv_layers.2."), [4, 1, 1, 0]);
  tf.dispose(Object.values(inputs));
  disposeParams(params);
});

Deno.test("values at padding change nothing", async () => {
  for (const name of FAMILIES) {
    const { params, prepare, apply } = live(await readSpeechEncoder(fixture(`encoders/${name}`)));
    const { samples, ...masks } = prepare(voices) as SpeechInputs;
    const [batch, length] = samples.shape, dirty = (await samples.data()).slice() as Float32Array;
    voices.forEach((own, b) => dirty.fill(7, b * length + Math.max(30, own.length), (b + 1) * length));
    const run = (samples: tf.Tensor2D) =>
      tf.tidy(() => {
        const { states, mask } = apply(params, { samples, ...masks }, evaluation);
        return tf.mul(states, tf.expandDims(mask, 2));
      });
    const other = tf.tensor2d(dirty, [batch, length]), [a, b] = [run(samples), run(other)];
    ok(distance(await a.data() as Float32Array, await b.data() as Float32Array) < 1e-5, name);
    tf.dispose([samples, Object.values(masks), other, a, b]);
    disposeParams(params);
  }
});

Deno.test("every kind of dropout acts only in training, and equally for equal keys", async () => {
  const dry = { hidden_dropout: 0, activation_dropout: 0, attention_dropout: 0, feat_proj_dropout: 0 };
  const states = async (changes: Record<string, unknown>, context: typeof evaluation) => {
    const { params, prepare, apply } = live(
      await readSpeechEncoder(await tinySpeechFolder("tiny-wavlm", changes)),
    );
    const inputs = prepare([voices[0]]);
    const out = tf.tidy(() => apply(params, inputs, context).states), data = await out.data();
    tf.dispose([out, Object.values(inputs)]);
    disposeParams(params);
    return data;
  };
  const calm = await states(dry, evaluation);
  deepEqual(await states(dry, training(1)), calm);
  const kinds = [...Object.keys(dry).map((key) => ({ [key]: 0.5 })), { layerdrop: 0.9 }, {
    apply_spec_augment: true,
  }];
  for (const kind of kinds) {
    const what = JSON.stringify(kind), changes = { ...dry, ...kind };
    deepEqual(await states(changes, evaluation), calm, what);
    const once = await states(changes, training(1));
    notDeepEqual(once, calm, what);
    deepEqual(await states(changes, training(1)), once, what);
  }
});

Deno.test("a layer is chosen by its number; with layer norm first, only the last layer's states are normed", async () => {
  const folder = fixture("encoders/tiny-wav2vec2-stable");
  const all = live(await readSpeechEncoder(folder)), lower = live(await readSpeechEncoder(folder, 1));
  const inputs = all.prepare(voices.slice(0, 2));
  const whole = tf.tidy(() => all.apply(all.params, inputs, evaluation).hiddenStates!);
  const part = tf.tidy(() => lower.apply(lower.params, inputs, evaluation).hiddenStates!);
  deepEqual([whole.length, part.length], [4, 2]);
  deepEqual(await part[1].data(), await whole[1].data());
  equal(lower.id, `hf:${folder}#1`);
  tf.dispose([whole, part, Object.values(inputs)]);
  disposeParams(all.params);
  disposeParams(lower.params);
  await rejects(readSpeechEncoder(folder, 4), /Expected hidden states 0 .* to 3 .* but found 4 at /);
});

Deno.test("names of a head's checkpoint and of an older weight norm are the same weights", async () => {
  const old = (name: string) =>
    "wav2vec2." + name.replace("parametrizations.weight.original0", "weight_g")
      .replace("parametrizations.weight.original1", "weight_v");
  const renamed = await tinySpeechFolder("tiny-wav2vec2", {}, (tensors) => {
    const entries = Object.entries(tensors).map(([name, tensor]) => [old(name), tensor] as const);
    return { ...Object.fromEntries(entries), "lm_head.bias": { shape: [1], data: new Float32Array(1) } };
  });
  const [a, b] = [
    await readSpeechEncoder(renamed),
    await readSpeechEncoder(fixture("encoders/tiny-wav2vec2")),
  ];
  deepEqual(Object.keys(a.weights), Object.keys(b.weights));
  for (const name in a.weights) deepEqual(a.weights[name], b.weights[name], name);
});

Deno.test("a checkpoint without the mask embedding gets zeros; any other missing weight is an error", async () => {
  const without = (gap: string) =>
    tinySpeechFolder(
      "tiny-hubert",
      {},
      (tensors) => Object.fromEntries(Object.entries(tensors).filter(([name]) => name !== gap)),
    );
  const { weights } = await readSpeechEncoder(await without("masked_spec_embed"));
  deepEqual([...weights.masked_spec_embed.data], new Array(24).fill(0));
  await rejects(
    readSpeechEncoder(await without("encoder.layers.0.layer_norm.bias")),
    /found no 'encoder\.layers\.0\.layer_norm\.bias' at /,
  );
});

Deno.test("the frozen encoder keeps its network, and its fingerprint is its own", async () => {
  const folder = await tinySpeechFolder("tiny-wavlm"), made = await readSpeechEncoder(folder);
  const frozen = frozenEncoder(made), [before] = await frozen.encode([voices[0]]), { params } = live(made);
  for (const variable of Object.values(params)) await updateInPlace(variable, (values) => values.fill(0));
  const zeros = Object.entries(made.weights).map(([name, { shape, data }]) =>
    [name, { shape, data: new Float32Array(data.length) }] as const
  );
  const changed = frozenEncoder({ ...made, weights: Object.fromEntries(zeros) }).fingerprint;
  disposeParams(params);
  deepEqual((await frozen.encode([voices[0]]))[0], before);
  const of = async (name: string) => (await frozenSpeechEncoder(name)).fingerprint;
  equal(await of(await tinySpeechFolder("tiny-wavlm")), frozen.fingerprint);
  const plain = await tinySpeechFolder("tiny-wavlm");
  await Deno.writeTextFile(`${plain}/preprocessor_config.json`, '{"do_normalize": false}');
  const others = [changed, await of(`${folder}#2`), await of(plain)];
  equal(new Set([frozen.fingerprint, ...others]).size, 4);
});

Deno.test("the registry finds the encoder by its folder", async () => {
  const folder = fixture("encoders/tiny-hubert"), frozen = await speechEncoder(`hf:${folder}`);
  deepEqual([frozen.id, frozen.modality, frozen.width, frozen.rate], [`hf:${folder}`, "audio", 24, 800]);
  await rejects(
    speechEncoder("hf"),
    /Expected a speech encoder \(acoustic@2, .*hf:<folder>.*\) but found 'hf'/,
  );
  await rejects(speechEncoder("hf:/nowhere"), /found nothing at \/nowhere\./);
});
