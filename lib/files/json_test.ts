import { deepEqual, rejects } from "../testing/assert.ts";
import { readJson } from "./json.ts";

Deno.test("JSON is read, with or without a byte order mark", async () => {
  const path = `${await Deno.makeTempDir()}/value.json`;
  await Deno.writeTextFile(path, '\uFEFF{"a": [1]}\r\n');
  deepEqual(await readJson(path), { a: [1] });
});

Deno.test("a missing file, a folder and invalid JSON are refused with a reason", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/cut.json`, '{"a": ');
  await rejects(readJson(`${folder}/none.json`), /Expected a JSON file but found no file at .*none\.json\./);
  await rejects(readJson(`${folder}/cut.json`), /found invalid JSON \(.*\) at .*cut\.json\. Fix the file\./);
  await rejects(readJson(folder), /found an unreadable one/);
});
