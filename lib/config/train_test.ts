import { deepEqual, equal, rejects, throws } from "../testing/assert.ts";
import { parseWith } from "../schema.ts";
import { readConfigFile, trainConfig } from "./train.ts";

Deno.test("every key has a default or may be absent, and a description", () => {
  const config = parseWith(trainConfig, {}, "nothing");
  equal(config.method, "attention_pooling");
  for (const [key, field] of Object.entries(trainConfig.shape)) equal(Boolean(field.description), true, key);
});

Deno.test("a config file gives what it says and nothing else", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(path, '{"batch_size": 8, "options": {"heads": 2}}');
  deepEqual(await readConfigFile(path), { batch_size: 8, options: { heads: 2 } });
  await Deno.writeTextFile(path, '{"batchsize": 8}');
  await rejects(readConfigFile(path), /found 'batchsize' at .*json\. Did you mean batch_size\?/);
  await Deno.writeTextFile(path, "{");
  await rejects(readConfigFile(path), /invalid JSON/);
  await rejects(readConfigFile("nowhere.json"), /found no file at nowhere\.json/);
});

Deno.test("what no machine has is refused before anything is made of it", () => {
  throws(
    () => parseWith(trainConfig, { threads: 1e6 }, "x"),
    /Expected at most 1024 but found 1000000 at threads/,
  );
});
