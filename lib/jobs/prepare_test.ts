import { planRun } from "../config/mod.ts";
import { rejects } from "../testing/assert.ts";
import { prepare } from "./prepare.ts";
import { smallConfig, smallData } from "./testing.ts";

Deno.test("rows that are left out for their split are named before what the other rows lack", async () => {
  const folder = await smallData({ train: 20, dev: 5, test: 5 }), path = `${folder}/manifest.csv`;
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replaceAll(",train,", ",eval,"));
  await rejects(
    () => prepare(planRun(smallConfig(folder)), { splits: ["train", "dev"] }),
    /at most \d+ % unusable rows but found 20 \(67 %\), e\.g\. .*unknown split: 'eval' is not one of train, dev, test/,
  );
});
