import { deepEqual, equal, match, notEqual, ok, rejects } from "../../testing/assert.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import { fixture } from "../../testing/shared.ts";
import { textEncoder } from "../registry.ts";
import { onnxTextEncoder } from "./text.ts";

const source = fixture("encoders/tiny-bert");
const { tensors } = await readSafetensors(`${source}/expected.safetensors`);
const [rows, longest, width] = tensors["output.last_hidden"].shape;

/** A tokenizer that reads `w7 w1` as 7, 1. */
const tokenizer = {
  model: {
    type: "WordLevel",
    vocab: Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`w${i}`, i])),
    unk_token: "w0",
  },
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: "WhitespaceSplit" },
  post_processor: null,
  decoder: null,
};

/** Makes a folder like the hub's, with the tiny BERT's exports but without the files in `without`. */
async function folder(without: string[] = [], config: Record<string, unknown> = {}): Promise<string> {
  const path = await Deno.makeTempDir();
  await Deno.mkdir(`${path}/onnx`);
  for (const file of ["onnx/model.onnx", "onnx/model_quantized.onnx"]) {
    if (!without.includes(file)) await Deno.copyFile(`${source}/${file}`, `${path}/${file}`);
  }
  const given = JSON.parse(await Deno.readTextFile(`${source}/config.json`));
  await Deno.writeTextFile(`${path}/config.json`, JSON.stringify({ ...given, ...config }));
  await Deno.writeTextFile(`${path}/tokenizer.json`, JSON.stringify(tokenizer));
  return path;
}

/** Returns the fixture's rows as texts, and PyTorch's states for them. */
const cases = Array.from({ length: rows }, (_, b) => {
  const mask = tensors["input.attention_mask"].data as Int32Array;
  const length = mask.subarray(b * longest, (b + 1) * longest).reduce((sum, m) => sum + m, 0);
  const ids = [...tensors["input.input_ids"].data.subarray(b * longest, b * longest + length)];
  const start = b * longest * width, states = tensors["output.last_hidden"].data;
  return {
    text: ids.map((id) => `w${id}`).join(" "),
    states: states.subarray(start, start + length * width),
  };
});
const texts = cases.map(({ text }) => text);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

const place = await folder();
const float = await onnxTextEncoder(place), quantised = await onnxTextEncoder(`${place}#q8`);

Deno.test("an export's states equal PyTorch's, a quantised one's lie near them", async () => {
  equal(float.width, width);
  for (const [b, states] of (await float.encode(texts)).entries()) {
    equal(states.data.length, cases[b].states.length);
    ok(distance(states.data, cases[b].states) < 2e-5);
  }
  for (const [b, states] of (await quantised.encode(texts)).entries()) {
    const off = distance(states.data, cases[b].states);
    ok(off > 1e-3 && off < 0.3, `${off}`); // values have deviation 1
  }
});

Deno.test("an export in the folder itself, as optimum writes it, gives the same states", async () => {
  const root = await folder();
  for (const file of ["model.onnx", "model_quantized.onnx"]) {
    await Deno.rename(`${root}/onnx/${file}`, `${root}/${file}`);
  }
  await Deno.remove(`${root}/onnx`);
  for (const [name, same] of [[root, float], [`${root}#q8`, quantised]] as const) {
    const encoder = await onnxTextEncoder(name);
    equal(encoder.fingerprint, same.fingerprint);
    deepEqual(await encoder.encode(texts), await same.encode(texts));
  }
  await rejects(onnxTextEncoder(`${root}#fp16`), /found the precisions fp32, q8 at .*#fp32/);
  await Deno.writeTextFile(
    `${root}/model.onnx`,
    "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
  );
  await rejects(onnxTextEncoder(root), /found a git-lfs pointer to it at .*model\.onnx.*git lfs pull/);
});

Deno.test("a text's states do not depend on the batch, even if quantised", async () => {
  for (const encoder of [float, quantised]) {
    const together = await encoder.encode([...texts, "w9", ...texts.toReversed()]);
    for (const [i, text] of texts.entries()) {
      const [alone] = await encoder.encode([text]);
      deepEqual(together[i], alone);
      deepEqual(together[2 * rows - i], alone);
    }
  }
  deepEqual(await float.encode([""]), [{ data: new Float32Array(0), length: 0, width }]);
});

Deno.test("a text is cut to the model's positions, which for RoBERTa start after the padding token's", async () => {
  const long = "w5 ".repeat(60);
  const [states] = await float.encode([long]);
  deepEqual([states.length, float.lengthOf!(long)], [40, 60]);
  const [first] = await float.encode(["w5 ".repeat(39) + "w6"]),
    [cut] = await float.encode(["w5 ".repeat(39) + "w6 w7"]);
  deepEqual(cut, first); // there is no special token at its end
  const shifted = await onnxTextEncoder(await folder([], { model_type: "roberta", pad_token_id: 1 }));
  equal((await shifted.encode([long]))[0].length, 38);
});

Deno.test("the fingerprint changes with the graph, its precision and the tokenizer, and with nothing else", async () => {
  match(float.fingerprint, /^[0-9a-f]{16}$/);
  equal((await onnxTextEncoder(await folder())).fingerprint, float.fingerprint);
  notEqual(quantised.fingerprint, float.fingerprint);
  const other = await folder();
  await Deno.writeTextFile(`${other}/tokenizer.json`, JSON.stringify({ ...tokenizer, version: "2" }));
  notEqual((await onnxTextEncoder(other)).fingerprint, float.fingerprint);
  const saved = await folder();
  await Deno.writeTextFile(
    `${saved}/tokenizer.json`,
    JSON.stringify({ ...tokenizer, truncation: { max_length: 9 } }),
  );
  const { formerly, fingerprint, lengthOf } = await onnxTextEncoder(saved);
  notEqual(fingerprint, formerly!.fingerprint);
  match(formerly!.did, /^cut texts at the 9 tokens that tokenizer\.json was saved with/);
  equal(lengthOf!("w5 ".repeat(60)), 60);
  const bytes = await Deno.readFile(`${place}/onnx/model.onnx`);
  bytes[bytes.length - 30_000] ^= 1; // inside a weight
  const changed = await folder(["onnx/model.onnx"]);
  await Deno.writeFile(`${changed}/onnx/model.onnx`, bytes);
  notEqual((await onnxTextEncoder(changed)).fingerprint, float.fingerprint);
});

Deno.test("the registry finds the encoder by folder and precision", async () => {
  equal((await textEncoder(`hf-onnx:${place}`)).fingerprint, float.fingerprint);
  const named = await textEncoder(`hf-onnx:${place}#q8`);
  deepEqual([named.id, named.fingerprint], [`hf-onnx:${place}#q8`, quantised.fingerprint]);
});

Deno.test("a missing export, or one of no encoder, is a clear error", async () => {
  const only = await folder(["onnx/model.onnx"]);
  await rejects(onnxTextEncoder(only), /Expected onnx\/model\.onnx but found the precisions q8 at .*#q8\./);
  await rejects(
    onnxTextEncoder(await folder(["onnx/model.onnx", "onnx/model_quantized.onnx"])),
    /found no ONNX export at .*models add <name> --onnx/,
  );
  await rejects(
    onnxTextEncoder(`${place}#q9`),
    /Expected the precision of an ONNX export but found 'q9'.*mean q8/,
  );
  await Deno.writeTextFile(`${only}/onnx/model.onnx`, "no graph");
  await rejects(
    onnxTextEncoder(only),
    /^UndertoneError: Expected an ONNX export .* found one that can't be opened/,
  );
});
