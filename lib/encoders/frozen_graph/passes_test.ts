/**
 * Frozen networks as graphs with constant weights: their states are those of the network's own operations.
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../compute/mod.ts";
import { collectable, placeOf, readSafetensors } from "../../files/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { tinySpeech, tinyTextFolder } from "../../testing/tiny_encoders.ts";
import type { FrozenEncoder, NetworkEncoder, Row, Sequence, WeightReader } from "../encoder.ts";
import { frozenSpeechEncoder, readSpeechEncoder } from "../hf/speech/speech_encoder.ts";
import { speechWindows } from "../hf/speech/windows.ts";
import { readTextEncoder } from "../hf/text_encoder.ts";
import { frozenEncoder } from "../network.ts";
import { textEncoder } from "../registry.ts";
import { encoderInContext } from "../trainable.ts";
import { graphPasses } from "./passes.ts";

await useEngine();
const folder = await tinyTextFolder();
const texts: string[] = jsonFixture("tokenizers/expected.json").cases.map(({ text }: { text: string }) =>
  text
);
const draw = random(7);
const noise = (length: number) => Float32Array.from({ length }, () => 0.1 * draw.normal());
const clips = [9000, 700, 9000].map(noise);

/** The largest difference, as a share of the first states' largest magnitude. */
function share(a: readonly Sequence[], b: readonly Sequence[]): number {
  let off = 0, all = 0;
  equal(a.length, b.length);
  for (const [i, { data, length, width }] of a.entries()) {
    deepEqual([b[i].length, b[i].width], [length, width]);
    data.forEach((x, k) => {
      ok(Number.isFinite(x) && Number.isFinite(b[i].data[k]));
      off = Math.max(off, Math.abs(x - b[i].data[k]));
      all = Math.max(all, Math.abs(x));
    });
  }
  return off / all;
}

/** The graph's states of inputs are those of the network, and each input's follow from it alone. */
async function agrees<In>(encoder: FrozenEncoder<In>, inputs: readonly In[]): Promise<void> {
  const { preprocess } = encoder.network!, graph = graphPasses(encoder.network!);
  const rows = inputs.map((input) => preprocess.rowOf(input)), together = await graph.encode(rows);
  ok(share(await encoder.encode(inputs), together) < 1e-5);
  const turned = (await graph.encode([...rows, ...rows].toReversed())).toReversed();
  for (const [i, row] of rows.entries()) {
    const alone = await graph.encode([row]);
    ok(share(alone, [together[i]]) < 1e-6, `input ${i}`);
    ok(share(alone, [turned[i]]) < 1e-6, `input ${i} in another order`);
  }
  deepEqual(await graph.encode([]), []);
  graph.release();
  encoder.release!();
}

for (const layer of ["", "#1", "#all"]) {
  Deno.test(`states of a text are the network's${layer && `, ${layer}`}`, async () => {
    await agrees(await textEncoder(`hf:${folder}${layer}`), texts);
  });
}

Deno.test("states of a text in its dialogue are the network's", async () => {
  const input = { text: "no way", past: [{ text: "did you hear that?" }], future: [] };
  await agrees(encoderInContext(await textEncoder(`hf:${folder}`)) as FrozenEncoder<unknown>, [input]);
});

for (const name of ["tiny-wav2vec2", "tiny-data2vec-audio", "tiny-wavlm", "tiny-whisper"]) {
  Deno.test(`states of a clip are the network's, in ${name}`, async () => {
    await agrees(await frozenSpeechEncoder(fixture(`encoders/${name}`)), clips);
  });
}

Deno.test("a clip too long for one pass is encoded in windows, and what is not finite is seen", async () => {
  const network = await readSpeechEncoder(fixture("encoders/tiny-wav2vec2")), most = 64;
  const { config } = tinySpeech("tiny-wav2vec2"), long = noise(30000);
  const cut = {
    ...network,
    piece: most,
    windows: (row: Row, weight: WeightReader) => speechWindows(row, weight, config, true, most),
  };
  const [plain] = await frozenEncoder(cut).encode([long]), row = network.preprocess.rowOf(long);
  const graph = graphPasses(cut), [states] = await graph.encode([row]);
  ok(states.length > most);
  ok(share([plain], [states]) < 1e-5);
  const [spoilt] = await graph.encode([
    network.preprocess.rowOf(clips[0].map((x, i) => i === 4000 ? NaN : x)),
  ]);
  ok(spoilt.data.some(Number.isNaN));
  graph.release();
});

Deno.test("weights that lie in a file are read there once, and need not stay in memory", async () => {
  const network: NetworkEncoder<string> = await readTextEncoder(folder) as never;
  const path = await Deno.makeTempFile(), plain = await frozenEncoder(network).encode(texts);
  await Deno.copyFile(join(folder, "model.safetensors"), path);
  const own = collectable(path, (await readSafetensors(path)).tensors, 0),
    shared = Object.keys(network.weights);
  const weights = Object.fromEntries(
    shared.map((name) => [name, own[name] ?? own[`bert.${name}`] ?? network.weights[name]]),
  );
  ok(Object.values(weights).some((weight) => placeOf(weight)));
  const graph = graphPasses({ ...network, weights }),
    rows = texts.map((text) => network.preprocess.rowOf(text));
  const before = await graph.encode(rows);
  ok(share(plain, before) < 1e-5);
  {
    using file = await Deno.open(path, { write: true });
    await file.write(new Uint8Array((await file.stat()).size));
  }
  deepEqual(await graph.encode(rows), before, "the file may change once the graph is made");
  graph.release();
  await Deno.remove(path);
});

Deno.test("a network that can't be written as a graph is computed as before", async () => {
  const network: NetworkEncoder<string> = await readTextEncoder(folder) as never;
  const apply: typeof network.apply = (params, inputs, context) => {
    const { states, mask } = network.apply(params, inputs, context);
    return { states: tf.mul<tf.Tensor3D>(states, states.dataSync().length / states.size), mask };
  };
  const plain = await frozenEncoder(network).encode(texts);
  const encoder = frozenEncoder({ ...network, apply }, { graphFrom: 0 });
  for (let call = 0; call < 2; call++) ok(share(plain, await encoder.encode(texts)) < 1e-6);
  encoder.release!();
});

Deno.test("a frozen encoder computes by a graph once it pays, and as before on another engine", async () => {
  const network: NetworkEncoder<string> = await readTextEncoder(folder) as never;
  const live = tf.memory().numTensors, encoder = frozenEncoder(network, { graphFrom: 200 });
  const before = await encoder.encode(texts.slice(0, 2));
  equal(tf.memory().numTensors, live + Object.keys(network.weights).length);
  while (tf.memory().numTensors > live) await encoder.encode(texts); // until the graph holds the weights
  const after = await encoder.encode(texts);
  ok(share(before, after.slice(0, 2)) < 1e-5);
  equal(tf.memory().numTensors, live);
  await useEngine({ engine: "cpu" });
  ok(share(before, await encoder.encode(texts.slice(0, 2))) < 1e-5);
  encoder.release!();
  await useEngine();
  deepEqual(await encoder.encode(texts), after, "released sessions are made again");
  encoder.release!();
});
