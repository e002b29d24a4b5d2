import { equal } from "../../testing/assert.ts";
import { isMissing } from "./missing.ts";

Deno.test("data are missing only if nothing lies at their path and no source reads it as a word", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/bad.csv`, "no,such,columns\n");
  const here = [folder, `${folder}/bad.csv`, `manifest:${folder}/bad.csv`, "sample"];
  for (const path of here) equal(await isMissing(path), false, path);
  equal(await isMissing(`${folder}/away.csv`), true);
  equal(await isMissing(`manifest:${folder}/away.csv`), true);
  await Deno.remove(folder, { recursive: true });
});
