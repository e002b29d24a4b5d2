import { dirname, join } from "node:path";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { addModel } from "./add.ts";
import { type Asked, broken, fakeHub, noise, refused, text } from "./testing.ts";

const NAME = "some/model";
const weights = (asked: Asked) => asked.of === "store";
const places = async () => `${await Deno.makeTempDir()}/models/some__model`;

/** Paths and bytes of all files in a folder except the manifest. */
async function contents(folder: string, under = ""): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(folder, under))) {
    if (isDirectory) Object.assign(found, await contents(folder, under + name + "/"));
    else if (name !== "undertone.json") found[under + name] = await Deno.readFile(join(folder, under, name));
  }
  return found;
}

const pick = (files: Record<string, Uint8Array>, ...paths: string[]) =>
  Object.fromEntries(paths.map((path) => [path, files[path]]));
const BASE = ["config.json", "tokenizer.json"];

Deno.test("a model is fetched whole, its commit and checksums are in the manifest, no file twice", async () => {
  await using fake = fakeHub();
  const { hub, files, asked } = fake, folder = await places();
  const heard: number[] = [];
  const { lacking, total } = await addModel(NAME, { folder, hub, onBytes: (have) => void heard.push(have) });
  deepEqual(await contents(folder), pick(files, ...BASE, "model.safetensors"));
  equal(lacking.length, 3);
  equal(heard.at(-1), total);
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/undertone.json`));
  deepEqual([manifest.model, manifest.revision, manifest.commit], [NAME, "main", "a".repeat(40)]);
  deepEqual(manifest.files.map(({ path, size }: { path: string; size: number }) => [path, size]), [
    ["tokenizer.json", 13],
    ["config.json", 22],
    ["model.safetensors", 300_000],
  ]);
  // From `git hash-object` for {"model_type": "bert"}.
  equal(manifest.files[1].checksum, "git:46332c50668921e90868a1d44a2550bb60ffdb1d");
  asked.length = 0;
  deepEqual((await addModel(NAME, { folder, hub })).lacking, []);
  ok(asked.every(({ path }) => path.startsWith("/api/")));
});

Deno.test("the token goes to the hub only, not to a host that it redirects to", async () => {
  await using fake = fakeHub();
  await addModel(NAME, { folder: await places(), hub: { ...fake.hub, token: "secret" } });
  ok(fake.asked.some(weights));
  for (const { of, token } of fake.asked) equal(token, of === "hub" ? "Bearer secret" : null);
});

Deno.test("a download resumes after a connection breaks or falls silent half-way", async () => {
  for (const then of ["breaks", "is silent"] as const) {
    await using fake = fakeHub();
    const folder = await places(), bytes = fake.files["model.safetensors"];
    let times = 0;
    fake.intercept = (asked) =>
      weights(asked) && times++ === 0 ? broken(bytes.slice(0, 150_000), bytes.length, then) : undefined;
    await addModel(NAME, { folder, hub: { ...fake.hub, silence: then === "breaks" ? 10_000 : 300 } });
    deepEqual(await contents(folder), pick(fake.files, ...BASE, "model.safetensors"));
    const ranges = fake.asked.filter(weights).map(({ range }) => range);
    equal(ranges.length, 2);
    match(ranges[1]!, /^bytes=[1-9]\d+-$/);
  }
});

Deno.test("the next call finishes an interrupted download, even from a hub that ignores ranges", async () => {
  for (const ranges of [true, false]) {
    await using fake = fakeHub();
    const folder = await places(), bytes = fake.files["model.safetensors"];
    const stop = new AbortController();
    fake.intercept = (asked) =>
      weights(asked) ? broken(bytes.slice(0, 100_000), bytes.length, "is silent") : undefined;
    await rejects(
      addModel(NAME, {
        folder,
        hub: fake.hub,
        signal: stop.signal,
        onBytes: (_, path) => path === "model.safetensors" && stop.abort(),
      }),
      (error) => error === stop.signal.reason,
    );
    const left = await contents(folder);
    deepEqual(Object.keys(left).sort(), ["config.json", "model.safetensors.part", "tokenizer.json"]);
    const have = left["model.safetensors.part"].length;
    ok(have > 0 && have <= 100_000);
    fake.asked.length = 0;
    fake.intercept = (asked) => weights(asked) && !ranges ? new Response(bytes.slice()) : undefined;
    const { lacking } = await addModel(NAME, { folder, hub: fake.hub });
    equal(lacking.length, 1);
    deepEqual(fake.asked.filter(weights).map(({ range }) => range), [`bytes=${have}-`]);
    deepEqual(await contents(folder), pick(fake.files, ...BASE, "model.safetensors"));
  }
});

Deno.test("a complete part causes no request; a corrupt one is fetched from the start", async () => {
  await using fake = fakeHub();
  const folder = await places(), whole = `${folder}/model.safetensors`;
  await addModel(NAME, { folder, hub: fake.hub });
  await Deno.rename(whole, `${whole}.part`);
  fake.asked.length = 0;
  await addModel(NAME, { folder, hub: fake.hub });
  equal(fake.asked.filter(weights).length, 0);

  for (const spoilt of [noise(1000, 9), noise(300_000, 9), noise(300_001, 9)]) {
    await Deno.remove(whole);
    await Deno.writeFile(`${whole}.part`, spoilt);
    await addModel(NAME, { folder, hub: fake.hub });
    deepEqual(await contents(folder), pick(fake.files, ...BASE, "model.safetensors"));
  }
});

Deno.test("bytes with a wrong checksum are refused and not kept; damaged files are repaired", async () => {
  await using fake = fakeHub();
  const folder = await places(), whole = fake.files["model.safetensors"], bytes = whole.slice();
  bytes[777] ^= 1;
  for (const wrong of [bytes, noise(300_100, 1)]) {
    fake.intercept = (asked) => weights(asked) ? new Response(wrong.slice()) : undefined;
    await rejects(
      addModel(NAME, { folder, hub: fake.hub }),
      /^UndertoneError: Expected the checksum sha256:\w+ but found sha256:\w+ at http.*model\.safetensors\. Something/,
    );
    deepEqual(await contents(folder), pick(fake.files, ...BASE));
  }
  fake.intercept = undefined;
  await addModel(NAME, { folder, hub: fake.hub });
  await Deno.writeFile(`${folder}/model.safetensors`, bytes);
  const { lacking } = await addModel(NAME, { folder, hub: fake.hub });
  deepEqual(lacking.map(({ path }) => path), ["model.safetensors"]);
  deepEqual(await Deno.readFile(`${folder}/model.safetensors`), whole);
});

Deno.test("an export is added beside the weights, and both are updated to another revision", async () => {
  await using fake = fakeHub();
  const folder = await places();
  const all = [...BASE, "model.safetensors", "onnx/model_quantized.onnx"];
  await addModel(NAME, { folder, hub: fake.hub, onnx: "q8" });
  deepEqual(await contents(folder), pick(fake.files, ...BASE, "onnx/model_quantized.onnx"));
  await addModel(NAME, { folder, hub: fake.hub });
  deepEqual(await contents(folder), pick(fake.files, ...all));

  fake.branches["refs/pr/1"] = "b".repeat(40);
  fake.files["model.safetensors"] = noise(300_000, 7);
  await Deno.writeFile(`${folder}/model.safetensors.part`, noise(500, 1));
  const { lacking, manifest } = await addModel(NAME, { folder, hub: fake.hub, revision: "refs/pr/1" });
  deepEqual(lacking.map(({ path }) => path), ["model.safetensors"]);
  equal(manifest.commit, "b".repeat(40));
  equal(fake.asked.filter(weights).at(-1)!.range, null);
  deepEqual(await contents(folder), pick(fake.files, ...all));
  ok(fake.asked.some(({ path }) => path === `/some/model/resolve/${"b".repeat(40)}/model.safetensors`));
});

Deno.test("a busy hub is tried again after growing pauses or when it says, six times at most", async () => {
  await using fake = fakeHub();
  const folder = await places();
  let times = 0;
  fake.intercept = () => {
    times++;
    if (times === 1) return new Response("", { status: 503 });
    if (times === 2) return new Response("", { status: 429, headers: { "retry-after": "7" } });
  };
  const told: string[] = [];
  await addModel(NAME, {
    folder,
    hub: { ...fake.hub, onPause: (why, time) => told.push(`${why}, ${time}`) },
  });
  deepEqual(told, ["status 503 (Service Unavailable), 1000", "status 429 (Too Many Requests), 7000"]);
  deepEqual(fake.pauses, [1000, 7000]);
  fake.pauses.length = 0;
  fake.intercept = () => new Response("", { status: 500 });
  await rejects(addModel(NAME, { folder, hub: fake.hub }), /Expected an answer .* found status 500 .*\. Try/);
  deepEqual(fake.pauses, [1000, 2000, 4000, 8000, 16_000]);
});

Deno.test("refusals of the hub are clear errors", async () => {
  await using fake = fakeHub();
  const { hub } = fake, folder = await places();
  const cases: [answer: Response | undefined, name: string, revision: string, sentence: RegExp][] = [
    [
      undefined,
      "no/model",
      "main",
      /Expected a model of the hub but found none called 'no\/model', or a private/,
    ],
    [
      refused(401, "RepoNotFound"),
      NAME,
      "main",
      /found none called 'some\/model', or a private one, .*HF_TOKEN/,
    ],
    [
      undefined,
      NAME,
      "v9",
      /Expected a branch, tag or commit .* found 'v9', which it does not have, at .*some\/model/,
    ],
    [
      refused(401, "GatedRepo"),
      NAME,
      "main",
      /whose owner asks for an agreement first \(gated\) at .*\. Agree to its terms/,
    ],
    [refused(403, "GatedRepo"), NAME, "main", /gated/],
    [
      refused(401, "", "Invalid credentials in Authorization header"),
      NAME,
      "main",
      /Expected a token .* at HF_TOKEN/,
    ],
    [new Response("", { status: 418 }), NAME, "main", /found status 418 \(I'm a teapot\) at /],
    [
      new Response("<html>Log in</html>"),
      NAME,
      "main",
      /Expected a hub that answers with JSON but found something/,
    ],
    [Response.json({}), NAME, "main", /Expected a value for sha/],
    [undefined, "../secrets", "main", /Expected the name of a model on the hub but found '\.\.\/secrets'/],
  ];
  for (const [answer, name, revision, sentence] of cases) {
    fake.intercept = () => answer?.clone();
    await rejects(addModel(name, { folder, hub, revision }), sentence);
  }
  ok(!fake.asked.some(({ path }) => path.includes("secrets")));
  await rejects(Deno.stat(folder), Deno.errors.NotFound, "nothing was made");
});

Deno.test("a failed connection is a clear error", async () => {
  const gone = fakeHub();
  await gone[Symbol.asyncDispose]();
  await rejects(
    addModel(NAME, { folder: await places(), hub: gone.hub }),
    /Expected a connection that lasts but found no connection \(.*\) at http:\/\/127\.0\.0\.1:\d+\. Check the network/,
  );
  equal(gone.pauses.length, 5);
});

Deno.test("a folder with other files is left alone", async () => {
  await using fake = fakeHub();
  const folder = await places();
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/config.json`, text("my own"));
  await rejects(
    addModel(NAME, { folder, hub: fake.hub }),
    /found files that this command did not write at .*--folder/,
  );
  deepEqual(await contents(folder), { "config.json": text("my own") });

  const other = `${dirname(folder)}/other`;
  await Deno.mkdir(other);
  await Deno.writeTextFile(`${other}/undertone.json.77.tmp`, "{"); // left by an interrupted run
  await addModel(NAME, { folder: other, hub: fake.hub });
  await rejects(addModel("some/other", { folder: other, hub: fake.hub }), /found the model some\/model at /);
});

Deno.test("an unwritable disk is a clear error, and existing files stay", async () => {
  await using fake = fakeHub();
  const folder = await places();
  await addModel(NAME, { folder, hub: fake.hub });
  await Deno.remove(`${folder}/model.safetensors`);
  await Deno.mkdir(`${folder}/model.safetensors.part`);
  await rejects(
    addModel(NAME, { folder, hub: fake.hub }),
    /Expected a file that can be written but found one that can't \(.*\) at .*model\.safetensors\.part\. Choose/,
  );
  deepEqual(await contents(folder), pick(fake.files, ...BASE));
});

Deno.test("a list of files that never ends is refused, and so is an answer of endless length", async () => {
  await using fake = fakeHub();
  const tree = (asked: Asked, next: string) =>
    asked.path.includes("/tree/")
      ? Response.json([], { headers: { link: `<${fake.hub.endpoint}${next}>; rel="next"` } })
      : undefined;
  const add = async () => addModel(NAME, { folder: await places(), hub: fake.hub });
  fake.intercept = (asked) => tree(asked, asked.path);
  await rejects(add(), /Expected a list of files that ends but found a page that was read before at http/);
  let page = 0;
  fake.intercept = (asked) => tree(asked, `${asked.path.replace(/&cursor=.*/, "")}&cursor=${page++}`);
  await rejects(add(), /found more than 200 pages/);
  const spaces = new Uint8Array(2 ** 20).fill(32);
  fake.intercept = ({ path }) =>
    path.includes("/tree/")
      ? new Response(new ReadableStream({ pull: (controller) => controller.enqueue(spaces) }))
      : undefined;
  await rejects(add(), /found a longer one at http/);
});
