import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { type FeatureCache, openFeatureCache } from "./cache.ts";
import type { Sequence } from "./encoder.ts";

const sequence = (length: number, value: number): Sequence => ({
  data: new Float32Array(length * 4).fill(value),
  length,
  width: 4,
});
const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

async function fill(cache: FeatureCache, entries: Record<string, Sequence>) {
  for (const [key, value] of Object.entries(entries)) await cache.add(key, value);
  await cache.flush();
}

Deno.test("added sequences are there when the cache is opened again; each flush writes one shard", async () => {
  const folder = `${await Deno.makeTempDir()}/not/there/yet`;
  const cache = await openFeatureCache(folder);
  deepEqual(await cache.load(["a"]), new Map());
  await fill(cache, { a: sequence(3, 1), b: sequence(0, 0) });
  await fill(cache, { c: sequence(2, 5) });
  await cache.flush();
  equal(files(folder).length, 2);
  const again = await openFeatureCache(folder);
  deepEqual(
    await again.load(["b", "a", "c", "d"]),
    new Map([["a", sequence(3, 1)], ["b", sequence(0, 0)], ["c", sequence(2, 5)]]),
  );
  deepEqual(again.damaged, []);
});

Deno.test("a full shard is written without a flush", async () => {
  const folder = await Deno.makeTempDir();
  const cache = await openFeatureCache(folder);
  await cache.add("long", sequence(2 ** 19, 1)); // 8 MiB
  equal(files(folder).length, 1);
});

Deno.test("damage anywhere in a shard is found and named, and the shard removed", async () => {
  for (const damage of ["cut", "emptied", "header", "states"]) {
    const folder = await Deno.makeTempDir();
    await fill(await openFeatureCache(folder), { a: sequence(50, 1) });
    await fill(await openFeatureCache(folder), { b: sequence(50, 2) });
    const broken = `${folder}/${files(folder)[0]}`;
    const bytes = Deno.readFileSync(broken);
    if (damage === "header") bytes[9] ^= 0x40;
    if (damage === "states") bytes[bytes.length - 5] ^= 1;
    const length = { cut: bytes.length - 1, emptied: 0 }[damage] ?? bytes.length;
    Deno.writeFileSync(broken, bytes.subarray(0, length));
    const cache = await openFeatureCache(folder);
    const found = await cache.load(["a", "b"]);
    equal(found.size, 1, damage);
    await cache.load(["a", "b"]);
    deepEqual(cache.damaged, [broken], `${damage}: named once, however often its keys are wanted`);
    equal(files(folder).length, 1);
  }
});

Deno.test("a file left by an interruption is no shard", async () => {
  const folder = await Deno.makeTempDir();
  Deno.writeTextFileSync(`${folder}/0123456789abcdef.safetensors.77.tmp`, "half of");
  const cache = await openFeatureCache(folder);
  deepEqual([await cache.load(["a"]), cache.damaged], [new Map(), []]);
});

Deno.test("a folder that can't be created is a clear error", async () => {
  const file = await Deno.makeTempFile();
  await rejects(openFeatureCache(`${file}/cache`), (error: Error) => {
    match(error.message, /^Expected a folder for cached features but found one that can't be made/);
    return error.name === "UndertoneError";
  });
});

Deno.test("loading shares a shard's memory instead of copying", async () => {
  const folder = await Deno.makeTempDir();
  await fill(await openFeatureCache(folder), { a: sequence(3, 1), b: sequence(3, 2) });
  const found = await (await openFeatureCache(folder)).load(["a", "b"]);
  ok(found.get("a")!.data.buffer === found.get("b")!.data.buffer);
});

Deno.test("an old shard with states that are not finite is removed, and its keys are absent", async () => {
  for (const bad of [NaN, Infinity]) {
    const folder = await Deno.makeTempDir();
    await fill(await openFeatureCache(folder), { a: sequence(3, 1), b: sequence(1, bad) });
    await fill(await openFeatureCache(folder), { c: sequence(3, 1) });
    const cache = await openFeatureCache(folder);
    deepEqual([...(await cache.load(["a", "b", "c"])).keys()], ["c"]);
    equal(cache.damaged.length, 1);
    equal(files(folder).length, 1);
  }
});

Deno.test("a shard that can't be read is no damaged one: the error is thrown, and the shard stays", async () => {
  const folder = await Deno.makeTempDir();
  await fill(await openFeatureCache(folder), { a: sequence(3, 1) });
  const cache = await openFeatureCache(folder), path = `${folder}/${files(folder)[0]}`;
  await Deno.rename(path, `${folder}/kept`);
  await Deno.mkdir(path); // to read it gives EISDIR, for root too
  await rejects(cache.load(["a"]), /[Ii]s a directory/);
  await rejects(openFeatureCache(folder), /[Ii]s a directory/);
  deepEqual(cache.damaged, []);
  await Deno.remove(path);
  deepEqual([await cache.load(["a"]), cache.damaged], [new Map(), []], "gone, but not damaged");
});
