import { deepEqual, equal, rejects } from "../testing/assert.ts";
import { readConfigFile, withCurrentNames, withSavedNames } from "./saved.ts";
import { trainConfig } from "./train.ts";

Deno.test("a config file adds no defaults", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(path, '{"batch_size": 8, "options": {"heads": 2}}');
  deepEqual(await readConfigFile(path), { batch_size: 8, options: { heads: 2 } });
  await Deno.writeTextFile(path, '{"batchsize": 8}');
  await rejects(readConfigFile(path), /found 'batchsize' at .*json\. Did you mean batch_size\?/);
  await Deno.writeTextFile(path, "{");
  await rejects(readConfigFile(path), /invalid JSON/);
  await rejects(readConfigFile("nowhere.json"), /found no file at nowhere\.json/);
});

Deno.test("version 0.1's standardize means the train split or nothing", () => {
  deepEqual(withCurrentNames({ standardize: true, seed: 2 }), { normalize: "train", seed: 2 });
  deepEqual(withCurrentNames({ standardize: false }), { normalize: "none" });
});

Deno.test("acoustic is the first version in saved runs, and the current one in new configurations", () => {
  deepEqual(withSavedNames({ standardize: true, audio: "acoustic" }), {
    normalize: "train",
    audio: "acoustic@1",
  });
  deepEqual(withSavedNames({ audio: "acoustic@2" }), { audio: "acoustic@2" });
  equal(trainConfig.parse({ audio: "acoustic" }).audio, "acoustic@2");
  equal(trainConfig.parse({}).audio, "acoustic@2");
});
