import { smallData } from "../lib/jobs/testing.ts";
import { equal, match } from "../lib/testing/assert.ts";
import { captured as run } from "./cli/testing.ts";
import { task as data } from "./data.ts";

const folder = await smallData({ train: 6, dev: 3, test: 3 }), path = `${folder}/manifest.csv`;
const clip = (await Deno.readTextFile(path)).split("\n")[1].match(/[\w/-]+\.\w+(?=,\w+$)/)![0];

Deno.test("data --decode passes good clips, and names a broken one with exit code 2", async () => {
  const good = await run(data, "--data", path, "--decode");
  equal(good.code, 0, good.err.join("\n"));
  match(good.out.at(-1)!, /^Decoded 12 clips, .* of sound; 0 broken, in 0 rows\.$/);
  await Deno.writeTextFile(`${folder}/${clip}`, "no sound");
  equal((await run(data, "--data", path)).code, 0);
  const { code, out, err } = await run(data, "--data", path, "--decode", "--json");
  equal(code, 2);
  match(err.join("\n"), /^broken: .*: Expected a recording .* but found another kind of file/m);
  match(err.join("\n"), /1 broken, in 1 row\./);
  equal(JSON.parse(out.at(-1)!).decoded.rejected.length, 1);
});

Deno.test("data --protocol shows each fold, and the context of its rows", async () => {
  const args = ["--data", path, "--protocol", "kfold:2", "--context.past=1"];
  const { code, out } = await run(data, ...args);
  equal(code, 0);
  match(out.join("\n"), /^kfold:2: 2 folds of 12 rows\nfold +tests +train +dev +test\n/);
  match(out.join("\n"), /12 utterances read 0/);
  const { protocol, folds } = JSON.parse((await run(data, ...args, "--json")).out[0]);
  equal(protocol, "kfold:2");
  equal(folds.length, 2);
  match((await run(data, ...args, "--fold", "2")).out.join("\n"), /^label +train +dev +test\n/);
});

Deno.test("with --keep-text the row of a broken clip is not lost", async () => {
  const { code, out } = await run(data, "--data", path, "--decode", "--keep-text");
  equal(code, 0);
  match(out.join("\n"), /1 row keeps only its text/);
  const { decoded } = JSON.parse(
    (await run(data, "--data", path, "--decode", "--keep-text", "--json")).out[0],
  );
  equal(decoded.rejected.length, 0);
  equal(decoded.text_only.length, 1);
  match(decoded.text_only[0].at, new RegExp(clip));
});
