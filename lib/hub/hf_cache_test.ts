import { deepEqual, equal, match, rejects } from "../testing/assert.ts";
import { cachedModel, cachedModels, snapshotIn } from "./hf_cache.ts";
import { hubCache } from "./hf_home.ts";
import { modelPlace } from "./place.ts";

/** Makes a cache with the model some/model and these snapshots, as Hugging Face's libraries do. */
async function cacheWith(commits: readonly string[], main?: string, files = ["config.json"]) {
  const cache = await Deno.makeTempDir(), folder = `${cache}/models--some--model`;
  await Deno.mkdir(`${folder}/refs`, { recursive: true });
  await Deno.mkdir(`${folder}/blobs`);
  await Deno.writeTextFile(`${folder}/blobs/1`, "{}");
  if (main !== undefined) await Deno.writeTextFile(`${folder}/refs/main`, main);
  for (const commit of ["", ...commits]) {
    await Deno.mkdir(`${folder}/snapshots/${commit}`, { recursive: true });
  }
  for (const commit of commits) {
    for (const file of files) await Deno.symlink("../../blobs/1", `${folder}/snapshots/${commit}/${file}`);
  }
  return { cache, folder };
}

Deno.test("a model's name and its folder in the cache mean the snapshot of refs/main, which is told", async () => {
  const { cache, folder } = await cacheWith(["abc", "def"], "def\n"), models = `${cache}/none`;
  for (const name of ["some/model", folder]) {
    const place = await modelPlace("hf", name, { models, cache });
    equal(place.folder, `${folder}/snapshots/def`);
    match(place.notes.join(), /from Hugging Face's cache: .*snapshots\/def, which refs\/main names\.$/);
  }
  deepEqual(await modelPlace("hf", `${folder}/snapshots/abc`, { models, cache }), {
    folder: `${folder}/snapshots/abc`,
    notes: [],
  });
});

Deno.test("without refs/main the only snapshot is taken, and several are named", async () => {
  for (const main of [undefined, "gone", "../../elsewhere"]) {
    const one = await cacheWith(["abc"], main);
    match((await snapshotIn(one.folder))!.note, /snapshots\/abc, the only one, as refs\/main names none/);
    const two = await cacheWith(["abc", "def"], main);
    await rejects(cachedModel("some/model", two.cache), /found 2 snapshots: abc, def at .*snapshots\/abc\.$/);
  }
});

Deno.test("a cache without the model's configuration is no model", async () => {
  const { cache, folder } = await cacheWith(["abc"], "abc", ["tokenizer.json"]);
  equal(await snapshotIn(folder), undefined);
  equal(await cachedModel("some/model", `${cache}/none`), undefined);
  equal(await snapshotIn(cache), undefined);
  await rejects(
    modelPlace("hf", "some/model", { models: `${cache}/none`, cache }),
    /found neither at some\/model\. Run 'deno task models add some\/model'/,
  );
});

Deno.test("files of a snapshot that are gone are named, if the encoder needs them", async () => {
  const files = ["config.json", "tokenizer.json", "model.safetensors", "README.md", "onnx/model.onnx"];
  const place = async (gone: string, encoder = "hf") => {
    const { cache, folder } = await cacheWith(["abc"], "abc", files.filter((file) => !file.includes("/")));
    const path = `${folder}/snapshots/abc/${gone}`;
    await Deno.mkdir(`${folder}/snapshots/abc/onnx`);
    await Deno.remove(path).catch(() => {});
    await Deno.symlink("../../blobs/gone", path);
    return await modelPlace(encoder, "some/model", { models: `${cache}/none`, cache });
  };
  for (const gone of ["config.json", "tokenizer.json", "model.safetensors"]) {
    await rejects(
      place(gone),
      new RegExp(
        `files that are gone: ${gone} at .*snapshots/abc\\. Fetch it again .*hf download some/model`,
      ),
    );
  }
  for (const gone of ["README.md", "onnx/model.onnx"]) {
    match((await place(gone)).notes.join(), new RegExp(`Other files of it are gone: ${gone}\\.$`));
  }
  match((await place("model.safetensors", "hf-onnx")).notes.join(), /gone: model\.safetensors\.$/);
  await rejects(place("config.json", "hf-onnx"), /models add some\/model --onnx/);
});

Deno.test("all snapshots of the cache are listed, with the one that a name means and what is gone", async () => {
  const { cache, folder } = await cacheWith(["abc", "def"], "def", ["config.json", "model.safetensors"]);
  await Deno.mkdir(`${cache}/datasets--some--data/snapshots/abc`, { recursive: true });
  await Deno.mkdir(`${cache}/models--no--config/snapshots/abc`, { recursive: true });
  await Deno.remove(`${folder}/snapshots/def/model.safetensors`);
  await Deno.symlink("../../blobs/gone", `${folder}/snapshots/def/model.safetensors`);
  const common = { model: "some/model" }, at = (commit: string) => `${folder}/snapshots/${commit}`;
  deepEqual(await cachedModels(cache), [
    { ...common, commit: "abc", isMain: false, folder: at("abc"), size: 4, missing: [] },
    { ...common, commit: "def", isMain: true, folder: at("def"), size: 2, missing: ["model.safetensors"] },
  ]);
  deepEqual(await cachedModels(`${cache}/none`), []);
});

Deno.test("a copy of the cache without its links is named", async () => {
  const { folder } = await cacheWith(["abc"], "abc"), path = `${folder}/snapshots/abc/config.json`;
  await Deno.remove(path);
  await Deno.writeTextFile(path, "../../blobs/1");
  await rejects(snapshotIn(folder), /found the link's path as text at .*config\.json\. Copy .*cp -rL/);
});

Deno.test("the cache is where Hugging Face's libraries have it", () => {
  const names = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME", "USERPROFILE"];
  const before = names.map((name) => Deno.env.get(name));
  const cacheOf = (said: Record<string, string>) => {
    for (const name of names) name in said ? Deno.env.set(name, said[name]) : Deno.env.delete(name);
    return hubCache()?.replaceAll("\\", "/");
  };
  try {
    const HOME = "/home/me";
    equal(cacheOf({}), undefined);
    equal(cacheOf({ HOME }), "/home/me/.cache/huggingface/hub");
    equal(cacheOf({ HOME, XDG_CACHE_HOME: "/c" }), "/c/huggingface/hub");
    equal(cacheOf({ HOME, XDG_CACHE_HOME: "/c", HF_HOME: "~/hf" }), "/home/me/hf/hub");
    equal(cacheOf({ HOME, HF_HOME: "/hf", HUGGINGFACE_HUB_CACHE: "/hub" }), "/hub");
    equal(cacheOf({ HF_HUB_CACHE: "/newer", HUGGINGFACE_HUB_CACHE: "/hub" }), "/newer");
  } finally {
    names.forEach((name, i) =>
      before[i] === undefined ? Deno.env.delete(name) : Deno.env.set(name, before[i]!)
    );
  }
});
