import { deepEqual, equal, rejects } from "../../testing/assert.ts";
import { encodeSafetensors, type RawTensor, readSafetensors } from "../../files/safetensors.ts";
import { fixture } from "../../testing/shared.ts";
import { tinyText } from "../../testing/tiny_encoders.ts";
import { transformerShapes } from "./transformer.ts";
import { readWeights } from "./weights.ts";

const source = fixture("encoders/tiny-bert");
const shapes = transformerShapes(tinyText("tiny-bert").config);
const { tensors } = await readSafetensors(`${source}/model.safetensors`);
const whole = await readWeights(source, "bert.", shapes);

/** Writes these tensors to a folder, one shard for each part. */
async function folder(...parts: Record<string, RawTensor>[]) {
  const path = await Deno.makeTempDir();
  if (parts.length === 1) {
    await Deno.writeFile(`${path}/model.safetensors`, encodeSafetensors(parts[0]));
    return path;
  }
  const weight_map: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const file = `model-${i}.safetensors`;
    for (const name in part) weight_map[name] = file;
    await Deno.writeFile(`${path}/${file}`, encodeSafetensors(part));
  }
  await Deno.writeTextFile(`${path}/model.safetensors.index.json`, JSON.stringify({ weight_map }));
  return path;
}

const read = (path: string, notes: string[] = []) => readWeights(path, "bert.", shapes, [], notes);
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !names.includes(name)));
const one: RawTensor = { shape: [1], data: new Float32Array(1) };

Deno.test("the encoder's tensors are read, the pooler and other heads are left out", async () => {
  deepEqual(Object.keys(whole), Object.keys(shapes));
  deepEqual(whole["embeddings.LayerNorm.bias"], tensors["embeddings.LayerNorm.bias"]);
  const extra = { ...tensors, "cls.predictions.bias": one, "embeddings.position_ids": one };
  deepEqual(await read(await folder(extra)), whole);
});

Deno.test("names of a model with a head, and of old norms, are the same weights", async () => {
  const old = Object.entries(tensors).map(([name, tensor]) => [
    "bert." + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
    tensor,
  ]);
  deepEqual(await read(await folder(Object.fromEntries(old))), whole);
});

Deno.test("weights in shards equal the whole file's", async () => {
  const names = Object.keys(tensors), half = Math.floor(names.length / 2);
  const part = (names: string[]) => Object.fromEntries(names.map((name) => [name, tensors[name]]));
  const path = await folder(part(names.slice(0, half)), part(names.slice(half)));
  deepEqual(await read(path), whole);
  await Deno.remove(`${path}/model-1.safetensors`);
  await rejects(read(path), /found no file at .*model-1\.safetensors/);
});

Deno.test("pytorch_model.bin in shards equals model.safetensors, which is preferred", async () => {
  const path = await Deno.makeTempDir(), shards = fixture("torch/shards");
  for (const { name } of Deno.readDirSync(shards)) {
    await Deno.copyFile(`${shards}/${name}`, `${path}/${name}`);
  }
  deepEqual(await read(path), whole);
  await Deno.remove(`${path}/pytorch_model-00002-of-00002.bin`);
  await rejects(read(path), /found no file at .*pytorch_model-00002-of-00002\.bin/);
  await Deno.copyFile(`${source}/model.safetensors`, `${path}/model.safetensors`);
  deepEqual(await read(path), whole);
});

Deno.test("a git-lfs pointer in place of weights is named, with the command that fetches them", async () => {
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 12345\n";
  for (const name of ["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"]) {
    const path = await Deno.makeTempDir();
    await Deno.writeTextFile(`${path}/${name}`, pointer);
    await rejects(read(path), /found a git-lfs pointer to it at .* 'git lfs pull'/);
  }
});

Deno.test("a weight that is missing, unexpected or of another shape is named", async () => {
  const bias = "encoder.layer.0.output.dense.bias";
  await rejects(
    read(await folder(without(bias))),
    /found no 'encoder\.layer\.0\.output\.dense\.bias' at /,
  );
  await rejects(
    read(await folder(without(...Object.keys(tensors).slice(0, 7)))),
    /found no '.*', '.*', '.*' and 4 more at /,
  );
  await rejects(
    read(await folder({ ...without(bias), "encoder.layer.0.output.fc.bias": one })),
    /found no '.*output\.dense\.bias' \(but 'encoder\.layer\.0\.output\.fc\.bias'\) at /,
  );
  await rejects(
    read(await folder({ ...tensors, "encoder.layer.3.output.dense.bias": one })),
    /found 'encoder\.layer\.3\.output\.dense\.bias' at /,
  );
  await rejects(
    read(await folder({ ...tensors, [bias]: one })),
    /found '.*dense\.bias' of shape \[1\], not \[24\] at /,
  );
  const integers = { shape: [24], data: new Int32Array(24) };
  await rejects(read(await folder({ ...tensors, [bias]: integers })), /found '.*' of integers at /);
});

Deno.test("a folder without weights, or with an index that points elsewhere, is refused", async () => {
  const path = await Deno.makeTempDir();
  await rejects(
    read(path),
    /Expected model\.safetensors or pytorch_model\.bin, .* found neither at .*save_pretrained/,
  );
  await Deno.writeTextFile(
    `${path}/model.safetensors.index.json`,
    JSON.stringify({ weight_map: { x: "../x.safetensors" } }),
  );
  await rejects(read(path), /Expected the name of a file beside the index but found "\.\.\/x\.safetensors"/);
});

/** Returns the tensors under other names. */
const renamed = (rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));

const wrapped: [what: string, rename: (name: string) => string, told: string][] = [
  ["torch.compile", (name) => `_orig_mod.${name}`, "_orig_mod."],
  ["DataParallel", (name) => `module.${name}`, "module."],
  ["a model of one's own", (name) => `model.${name}`, "model."],
  ["sentence-transformers", (name) => `0.auto_model.${name}`, "0.auto_model."],
  ["two of these and a head's model", (name) => `module._orig_mod.bert.${name}`, "_orig_mod. and module."],
  ["torch.compile of the inner encoder", (name) => `bert._orig_mod.${name}`, "_orig_mod."],
  [
    "Lightning, compiled by layer",
    (name) => `model.bert.${name.replace(/layer\.\d/, "$&._orig_mod")}`,
    "model. and _orig_mod.",
  ],
];
for (const [what, rename, told] of wrapped) {
  Deno.test(`names with the prefix of ${what} are the same weights, with a note`, async () => {
    const notes: string[] = [], path = await folder({ ...renamed(rename), "model.classifier.weight": one });
    deepEqual(await read(path, notes), whole);
    const [behind] = notes;
    equal(behind.startsWith(`Names of weights in ${path} have the prefix ${told}`), true, behind);
    equal(notes.length, 1);
  });
}

Deno.test("names that do not fit are shown with those expected, and one tensor never fills two names", async () => {
  const other = renamed((name) => `student.${name}`);
  await rejects(
    read(await folder(other)),
    /Expected weights named 'embeddings\.word_embeddings\.weight', .* and 50 more but found 'student\..*save_pretrained/,
  );
  await rejects(read(await folder({})), /Expected weights named .* but found none at /);
  const bias = "encoder.layer.0.output.dense.bias";
  await rejects(
    read(await folder({ ...tensors, [`model.${bias}`]: tensors[bias] })),
    /Expected one tensor for encoder\.layer\.0\.output\.dense\.bias but found '.*' at .*save_pretrained/,
  );
});

Deno.test("tensors that are neither the encoder's nor a known head's are noted", async () => {
  const notes: string[] = [];
  const extra = { "adapter.layers.0.weight": one, "bert.pooler.x": one, "cls.bias": one, ["__proto__"]: one };
  const path = await folder({ ...tensors, ...extra });
  deepEqual(await read(path, notes), whole);
  deepEqual(notes, [
    `These weights in ${path} are not the encoder's and were left out: 'adapter.layers.0.weight', '__proto__'.`,
  ]);
});
