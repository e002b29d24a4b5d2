import { deepEqual, equal, rejects } from "../testing/assert.ts";
import { addModel } from "./add.ts";
import { addedModels, checkModel, lookAt } from "./models.ts";
import { modelPlace, placeOf } from "./place.ts";
import { fakeHub } from "./testing.ts";

const NAME = "some/model";

/** A folder of models that holds one added model. */
async function filled() {
  await using fake = fakeHub();
  const models = `${await Deno.makeTempDir()}/models`, folder = placeOf(NAME, models);
  await addModel(NAME, { folder, hub: fake.hub });
  return { models, folder };
}

Deno.test("added models are listed, with files that are missing or of another size", async () => {
  const { models, folder } = await filled();
  deepEqual(await addedModels(`${models}/none`), []);
  await Deno.mkdir(`${models}/empty`);
  const [model, ...others] = await addedModels(models);
  deepEqual(others, []);
  deepEqual(
    [model.manifest.model, model.folder, model.architecture, model.size, model.missing, model.damaged],
    [NAME, `${models}/some__model`, "bert", 300_035, [], []],
  );
  await Deno.remove(`${folder}/config.json`);
  await Deno.truncate(`${folder}/model.safetensors`, 5);
  const [broken] = await addedModels(models);
  deepEqual([broken.missing, broken.damaged, broken.architecture], [
    ["config.json"],
    ["model.safetensors"],
    undefined,
  ]);
});

Deno.test("a check by checksum finds damage that sizes don't show", async () => {
  const { folder } = await filled();
  const whole = (await lookAt(folder))!, heard: number[] = [];
  deepEqual((await checkModel(whole, { onBytes: (have) => void heard.push(have) })).damaged, []);
  equal(heard.at(-1), whole.size);
  const path = `${folder}/model.safetensors`, bytes = await Deno.readFile(path);
  bytes[299_999] ^= 1;
  await Deno.writeFile(path, bytes);
  const spoilt = (await lookAt(folder))!;
  deepEqual(spoilt.damaged, []);
  deepEqual((await checkModel(spoilt)).damaged, ["model.safetensors"]);
});

Deno.test("a name means its folder once the model is complete; a path means itself", async () => {
  const { models, folder } = await filled();
  const folderOf = async (encoder: string, name: string) =>
    (await modelPlace(encoder, name, { models, cache: `${models}/none` })).folder;
  equal(await folderOf("hf", NAME), folder);
  equal(await folderOf("hf", folder), folder);
  equal(await folderOf("hf-onnx", "lib"), "lib"); // there is such a folder
  await rejects(
    folderOf("hf", "roberta-base"),
    /found neither at roberta-base\. Run 'deno task models add roberta-base', .* into .*roberta-base\. Then name it hf:roberta-base or hf:.*roberta-base\.$/,
  );
  await rejects(
    folderOf("hf-onnx", "a/b"),
    /models add a\/b --onnx'.*a__b\. Then name it hf-onnx:a\/b or /,
  );
  await Deno.remove(`${folder}/model.safetensors`);
  await rejects(
    folderOf("hf", NAME),
    /Expected a model that was completely fetched but found no complete model\.safetensors at .*some__model\. Run '.* add some\/model' again/,
  );
});

Deno.test("a path that is no model's folder is refused with what is there and may be meant", async () => {
  const { models, folder } = await filled(), empty = `${models}/empty`;
  await Deno.mkdir(empty);
  const refused = (name: string, sentence: string, encoder = "hf") =>
    rejects(
      modelPlace(encoder, name, { models, cache: `${models}/none` }),
      (error: Error) => error.message.startsWith(`Expected a model's folder${sentence}`),
    );
  const near = `Did you mean hf:${folder}?`;
  await refused(
    `${models}/some__modle`,
    ` but found nothing at ${models}/some__modle. Check the path. ${near}`,
  );
  await refused(
    `${models}/zebra`,
    ` but found nothing at ${models}/zebra. Check the path. docs/ENCODERS.md says`,
  );
  await refused(
    `${folder}/config.json`,
    ` but found a file at ${folder}/config.json. Name its folder: hf:${folder}.`,
  );
  await refused(empty, ` but found an empty folder at ${empty}. Check the path. docs/ENCODERS.md says`);
  await refused(
    models,
    ` but found no config.json beside 'empty', 'some__model' at ${models}. Name a model in it: hf:${folder}.`,
  );
  await refused(`${models}/zebra`, ` but found nothing at ${models}/zebra. Check the path.`, "hf-onnx");
  await refused(
    "some/modle",
    `, or the name of an added model but found neither at some/modle. ${near} If not, run '`,
  );
});

Deno.test("a manifest with a path outside its folder is refused", async () => {
  const { folder } = await filled();
  const path = `${folder}/undertone.json`, manifest = JSON.parse(await Deno.readTextFile(path));
  for (const wrong of ["../config.json", "/etc/passwd", "onnx/../../x"]) {
    manifest.files[0].path = wrong;
    await Deno.writeTextFile(path, JSON.stringify(manifest));
    await rejects(lookAt(folder), /Expected the path of a file in the folder but found/);
  }
});
