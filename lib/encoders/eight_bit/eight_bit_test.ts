/** Frozen encoders with 8-bit weights: what their states depend on, and where they are refused. */
import proto from "onnx-proto";
import { useEngine } from "../../compute/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, equal, notEqual, ok, rejects, throws } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { tinySpeech, tinyTextFolder } from "../../testing/tiny_encoders.ts";
import type { FrozenEncoder, Row, Sequence, WeightReader } from "../encoder.ts";
import { parseName } from "../hf/hidden_state.ts";
import { frozenSpeechEncoder, readSpeechEncoder } from "../hf/speech/speech_encoder.ts";
import { speechWindows } from "../hf/speech/windows.ts";
import { frozenTextEncoder, readTextEncoder } from "../hf/text_encoder.ts";
import { frozenEncoder } from "../network.ts";
import { textEncoder } from "../registry.ts";
import { encoderInContext, isTrainable, networkOf } from "../trainable.ts";
import { networkGraph } from "../frozen_graph/graph.ts";
import { eightBit, inBytes } from "./eight_bit.ts";
import { exactWeightBytes } from "./processor.ts";

await useEngine();
const weightBytes = await exactWeightBytes("the test");
const folder = await tinyTextFolder();
const texts: string[] = jsonFixture("tokenizers/expected.json").cases.map(({ text }: { text: string }) =>
  text
);
const draw = random(5);
const clips = [9000, 9100, 700, 30000, 9000, 16000].map((length) =>
  Float32Array.from({ length }, () => 0.1 * draw.normal())
);

/** The root of the mean square difference, as a share of the first states' own. */
function share(a: readonly Sequence[], b: readonly Sequence[]): number {
  let off = 0, all = 0;
  for (const [i, { data }] of a.entries()) {
    equal(b[i].data.length, data.length);
    data.forEach((x, k) => {
      off += (x - b[i].data[k]) ** 2;
      all += x ** 2;
    });
  }
  return Math.sqrt(off / all);
}

async function isIndependent<In>(encoder: FrozenEncoder<In>, inputs: readonly In[]): Promise<void> {
  const together = await encoder.encode([...inputs, ...inputs.toReversed()]);
  for (const [i, input] of inputs.entries()) {
    const [alone] = await encoder.encode([input]);
    ok(alone.length > 0);
    deepEqual(together[i], alone, `input ${i}`);
    deepEqual(together[2 * inputs.length - 1 - i], alone, `input ${i} in another order`);
  }
}

Deno.test("states of a text follow from it alone, and are near those of float32 weights", async () => {
  const float = await frozenTextEncoder(folder), eight = await frozenTextEncoder(`${folder}#q8`);
  await isIndependent(eight, texts);
  const off = share(await float.encode(texts), await eight.encode(texts));
  ok(off > 1e-5 && off < 0.03, `${off}`);
  deepEqual([eight.id, eight.width, float.id], [`hf:${folder}#q8`, 24, `hf:${folder}`]);
  notEqual(eight.fingerprint, float.fingerprint);
  deepEqual(await eight.encode([]), []);
});

for (const name of ["tiny-wav2vec2", "tiny-data2vec-audio", "tiny-wavlm", "tiny-whisper"]) {
  Deno.test(`states of a clip follow from it alone, near those of float32 weights, in ${name}`, async () => {
    const place = fixture(`encoders/${name}`);
    const float = await frozenSpeechEncoder(place), eight = await frozenSpeechEncoder(`${place}#q8`);
    await isIndependent(eight, clips);
    const off = share(await float.encode(clips), await eight.encode(clips));
    ok(off > 1e-5 && off < 0.05, `${off}`);
  });
}

Deno.test("a clip that is too long for one pass is encoded in windows", async () => {
  const network = await readSpeechEncoder(fixture("encoders/tiny-wav2vec2")), most = 64;
  const { config } = tinySpeech("tiny-wav2vec2"), long = clips[3];
  const cut = {
    ...network,
    piece: most,
    windows: (row: Row, weight: WeightReader) => speechWindows(row, weight, config, true, most),
  };
  const [float] = await frozenEncoder(cut).encode([long]), [eight] = await eightBit(cut).encode([long]);
  ok(float.length > most);
  const off = share([float], [eight]);
  ok(off > 1e-5 && off < 0.05, `${off}`);
});

Deno.test("a number that is not finite stays visible", async () => {
  const eight = await frozenSpeechEncoder(`${fixture("encoders/tiny-wav2vec2")}#q8`);
  const [states] = await eight.encode([clips[0].map((x, i) => i === 4000 ? NaN : x)]);
  ok(states.data.some(Number.isNaN));
});

Deno.test("each linear layer multiplies bytes, and no other product does", async () => {
  const network = await readTextEncoder(folder);
  const { bytes: model } = networkGraph(network, network.recordedAt!(1, 8), inBytes(network, weightBytes));
  const { graph } = proto.onnx.ModelProto.decode(model);
  const count = (op: string) => graph!.node!.filter(({ opType }) => opType === op).length;
  const layers = 3;
  deepEqual([count("MatMulIntegerToFloat"), count("Gemm"), count("FusedMatMul")], [
    6 * layers,
    0,
    2 * layers,
  ]);
  equal(count("QuantizeLinear"), 4 * layers, "queries, keys and values share their bytes");
  const bytes = graph!.initializer!.filter(({ dataType }) => dataType === (weightBytes === "int8" ? 3 : 2))
    .map(({ name }) => name);
  ok(bytes.includes("encoder.layer.0.attention.self.query.weight"));
});

Deno.test("a layer stands before #q8", async () => {
  deepEqual(parseName("a#q8"), { folder: "a", layer: undefined, eightBit: true });
  deepEqual(parseName("a#2#q8"), { folder: "a", layer: 2, eightBit: true });
  deepEqual(parseName("a#all#q8"), { folder: "a", layer: "all", eightBit: true });
  deepEqual(parseName("a#b"), { folder: "a#b", layer: undefined, eightBit: false });
  throws(() => parseName("a#q8#2"), /Expected the layer before '#q8'.* Write 'a#2#q8'\./);
  const first = await textEncoder(`hf:${folder}#1#q8`), all = await textEncoder(`hf:${folder}#all#q8`);
  const last = await textEncoder(`hf:${folder}#q8`);
  deepEqual([first.id, all.id], [`hf:${folder}#1#q8`, `hf:${folder}#all#q8`]);
  equal(new Set([first, all, last].map(({ fingerprint }) => fingerprint)).size, 3);
  for (const [eight, name] of [[first, "#1"], [all, "#all"]] as const) {
    const float = await textEncoder(`hf:${folder}${name}`);
    ok(share(await float.encode(texts), await eight.encode(texts)) < 0.03, name);
  }
});

Deno.test("texts in their dialogue are read in 8 bits, too", async () => {
  const input = { text: "no way", past: [{ text: "did you hear that?" }], future: [] } as never;
  const [float, eight] = await Promise.all(
    ["", "#q8"].map(async (q8) => encoderInContext(await textEncoder(`hf:${folder}${q8}`))),
  );
  equal(eight.id, `hf:${folder}#q8`);
  notEqual(eight.fingerprint, float.fingerprint);
  const off = share(await float.encode([input]), await eight.encode([input]));
  ok(off > 1e-5 && off < 0.05, `${off}`);
});

Deno.test("8-bit weights can't be trained, and need the engine that computes them", async () => {
  equal(isTrainable("text", `hf:${folder}`), true);
  equal(isTrainable("text", `hf:${folder}#q8`), false);
  const eight = await textEncoder(`hf:${folder}#q8`);
  throws(() => networkOf(eight), /whose weights have 8 bits at --train\. Leave '#q8' out of its name/);
  equal(eight.network!.graphInputs, undefined, "an exported file would hold other weights");
  await useEngine({ engine: "cpu" });
  const fresh = await frozenTextEncoder(`${folder}#q8`);
  await rejects(fresh.encode(["oh"]), /Expected the engine onnx on the CPU.* found the engine cpu on cpu/);
  await useEngine();
});
