import { deepEqual, equal, rejects } from "../testing/assert.ts";
import { requireWritable, writeFileAtomic, writeJsonAtomic } from "./atomic.ts";

Deno.test("writes whole files, replaces old ones and leaves no temporary file", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/deep/er/file.txt`;
  await writeFileAtomic(path, "first, and longer");
  await writeFileAtomic(path, "second");
  equal(await Deno.readTextFile(path), "second");
  await writeJsonAtomic(`${folder}/deep/er/value.json`, { a: [1] });
  deepEqual(JSON.parse(await Deno.readTextFile(`${folder}/deep/er/value.json`)), { a: [1] });
  deepEqual([...Deno.readDirSync(`${folder}/deep/er`)].map((f) => f.name).sort(), ["file.txt", "value.json"]);
});

Deno.test("a rename that fails leaves the old content and no temporary file", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/taken/full`, { recursive: true });
  await rejects(
    writeFileAtomic(`${folder}/taken`, "x"),
    /Expected a file that can be written .*taken\. Choose/,
  );
  deepEqual([...Deno.readDirSync(folder)].map((f) => f.name), ["taken"]);
});

Deno.test("requireWritable makes the folder and refuses a path that can't be one", async () => {
  const folder = await Deno.makeTempDir();
  await requireWritable(`${folder}/new/deep`);
  deepEqual([...Deno.readDirSync(`${folder}/new/deep`)], []);
  await Deno.writeTextFile(`${folder}/file`, "");
  await rejects(requireWritable(`${folder}/file`), /Expected a folder that can be written .*file\. Choose/);
});
