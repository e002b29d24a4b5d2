import { createHash } from "node:crypto";
import { deepEqual, equal } from "../testing/assert.ts";
import { fileKeys } from "./file_keys.ts";

const sha = (text: string) => createHash("sha256").update(text).update("\0").digest("hex").slice(0, 16);
const OLD = new Date("2020-01-01");

async function clip(content: string): Promise<{ path: string; index: string }> {
  const folder = await Deno.makeTempDir(), path = `${folder}/a.wav`;
  await Deno.writeTextFile(path, content);
  await Deno.utime(path, OLD, OLD);
  return { path, index: `${folder}/files.json` };
}

const read = async (index: string) => JSON.parse(await Deno.readTextFile(index));

Deno.test("a clip replaced by one of equal size and time has another key at once", async () => {
  const { path, index } = await clip("old!");
  equal((await fileKeys([path], index)).get(path), sha("old!"));
  await Deno.writeTextFile(path, "new!");
  await Deno.utime(path, OLD, OLD);
  equal((await fileKeys([path], index)).get(path), sha("new!"));
});

Deno.test("a remembered key holds only for equal size and times, and never with verify", async () => {
  const { path, index } = await clip("here");
  const { size, mtime, ctime } = await Deno.stat(path), settled = ctime!.getTime();
  const now = Date.now;
  Date.now = () => settled + 10_000; // as if the file were older
  try {
    const whole = [size, mtime!.getTime(), "0123456789abcdef", settled];
    const keyWith = async (entry: unknown, verify = false) => {
      await Deno.writeTextFile(index, JSON.stringify({ [path]: entry }));
      return (await fileKeys([path], index, { verify })).get(path);
    };
    equal(await keyWith(whole), "0123456789abcdef");
    equal(await keyWith(whole, true), sha("here"));
    deepEqual((await read(index))[path], whole.with(2, sha("here")));
    for (let part = 0; part < 4; part++) {
      if (part !== 2) equal(await keyWith(whole.with(part, 1)), sha("here"), `${part}`);
    }
    equal(await keyWith(whole.slice(0, 3)), sha("here"), "the older form");
  } finally {
    Date.now = now;
  }
});

Deno.test("a damaged index is rebuilt", async () => {
  const { path, index } = await clip("here");
  const damaged = ["null", "[]", "3", '"x"', "", "{", "{}", `{"${path}": null}`, `{"${path}": {}}`];
  for (
    const text of [...damaged, `{"${path}": [4, 1577836800000, 7, null]}`, '{"__proto__": [1, 2, "x", 3]}']
  ) {
    await Deno.writeTextFile(index, text);
    equal((await fileKeys([path], index)).get(path), sha("here"), text);
    deepEqual((await read(index))[path].slice(0, 3), [4, OLD.getTime(), sha("here")], text);
  }
});

Deno.test("a file that can't be read has no key, and the others have theirs", async () => {
  const { path, index } = await clip("here");
  deepEqual([...await fileKeys(["/nowhere/x.wav", path], index)], [[path, sha("here")]]);
});
