import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { captured } from "./cli/testing.ts";
import { facesOf, task } from "./docs.ts";

Deno.test("the faces are those that deno.json exports", () => {
  deepEqual(facesOf({}), ["./lib/mod.ts"]);
  deepEqual(facesOf({ exports: "./a.ts" }), ["./a.ts"]);
  deepEqual(facesOf({ exports: { ".": "./lib/mod.ts", "./nn": "./lib/nn.ts" } }), [
    "./lib/mod.ts",
    "./lib/nn.ts",
  ]);
});

Deno.test("docs writes a page for a public function", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, out } = await captured(task, `--out=${folder}`);
    equal(code, 0);
    match(out.at(-1)!, /index\.html$/);
    match(await Deno.readTextFile(`${folder}/~/loadDataset.html`), /loadDataset/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
