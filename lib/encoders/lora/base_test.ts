/** An adapter's model is found where its maker, its user or the hub put it, and nowhere else. */
import { join, relative, resolve } from "node:path";
import { writeManifest } from "../../hub/manifest.ts";
import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { baseNameOf, findBase } from "./base.ts";

const root = await Deno.makeTempDir();
const models = join(root, "outputs", "models"), adapter = join(root, "somewhere", "adapter");
await Deno.mkdir(adapter, { recursive: true });

async function model(...path: string[]): Promise<string> {
  const folder = join(...path);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "config.json"), "{}");
  return folder;
}

const find = (name: string, folder = adapter, revision?: string) =>
  findBase({ base_model_name_or_path: name, revision }, folder, models);

Deno.test("a folder is found by its full path, from the adapter, and from the working folder", async () => {
  const here = await model(root, "somewhere", "near");
  deepEqual(await find(here), { folder: here, notes: [] });
  equal((await find("../near")).folder, here);
  const fromWork = relative("", here);
  equal(resolve((await find(fromWork)).folder), here);
  await model(adapter, "twice");
  await model(root, "twice");
  equal((await find("twice")).folder, join(adapter, "twice"), "the adapter's own comes first");
});

Deno.test("an added model is found by name and revision if it is complete", async () => {
  const folder = await model(models, "org__added"), commit = "ab12".repeat(10);
  const manifest = { model: "org/added", endpoint: "x", revision: "main", commit, files: [] };
  await writeManifest(folder, manifest);
  for (const revision of [undefined, "main", "ab12ab12"]) {
    deepEqual(await find("org/added", adapter, revision), { folder, notes: [] });
  }
  await rejects(
    find("org/added", adapter, "v2"),
    /Expected revision v2 of org\/added but found main in .*models add org\/added --revision v2 --folder/,
  );
  await writeManifest(folder, {
    ...manifest,
    files: [{ path: "model.safetensors", size: 3, checksum: "git:0" }],
  });
  await rejects(find("org/added"), /found no complete model\.safetensors/);
  const copied = await model(models, "copied");
  const { notes } = await find("copied", adapter, "v2");
  equal(notes.length, 1);
  ok(notes[0].startsWith("The adapter is for revision v2 of copied;") && notes[0].includes(copied.slice(-8)));
});

Deno.test("the model beside the adapter replaces a named one that does not exist, with a note", async () => {
  const both = await model(root, "both");
  await rejects(find("org/away", both), /found no config\.json in/); // no weights
  await Deno.writeTextFile(join(both, "model.safetensors"), "");
  await Deno.writeTextFile(join(both, "adapter_config.json"), "{}");
  deepEqual(await find("org/away", both), {
    folder: both,
    notes: ["org/away is not here: the model beside the adapter was taken for it."],
  });
  const named = await model(root, "named");
  const { folder, notes } = await find("../named", both);
  equal(folder, named);
  equal(notes.length, 1);
  ok(notes[0].endsWith(", which it names, not with the model beside it."));
});

Deno.test("the error lists all places that were searched and says what to do", async () => {
  await rejects(find("bert-nowhere"), ({ message }: Error) => {
    for (const place of [join(adapter, "bert-nowhere"), "or bert-nowhere or", join(models, "bert-nowhere")]) {
      ok(message.includes(place), message);
    }
    return /Run 'deno task models add bert-nowhere', or write the model's folder as base_model_name_or_path/
      .test(message);
  });
  await rejects(
    find("/no/such/folder"),
    ({ message }: Error) =>
      message.includes("found no config.json in /no/such/folder at") &&
      message.includes(". Write the model's folder"),
  );
});

Deno.test("a model that is itself an adapter is refused", async () => {
  const other = await model(root, "other");
  await Deno.writeTextFile(join(other, "adapter_config.json"), "{}");
  await rejects(
    find(other),
    /Expected a model whose weights are its own but found another adapter, .*merge_and_unload/,
  );
});

Deno.test("a trained adapter names an existing folder, and finds it after the project is moved", async () => {
  const folder = await model(models, "org__mine"), plain = await model(root, "plain");
  equal(baseNameOf("org/mine", models), resolve(folder));
  equal(baseNameOf(relative("", plain), models), resolve(plain));
  equal(baseNameOf("org/gone", models), "org/gone");
  // A former folder of the project, and the folder that an earlier version wrote for an added model.
  for (const gone of [join(root, "before", "outputs", "models", "org__mine"), join(root, "org", "mine")]) {
    const { folder: found, notes } = await find(gone);
    equal(found, folder);
    equal(notes.length, 1);
    ok(notes[0].startsWith(`${gone} is not there: `));
  }
});
