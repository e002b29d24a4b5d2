/** What the command line says of labels and targets, without any training. */
import { equal, match } from "../lib/testing/assert.ts";
import { captured as run } from "./cli/testing.ts";
import { task as data } from "./data.ts";
import { task as evaluate } from "./evaluate.ts";

Deno.test("evaluate refuses --labels.only, which a trained model can't follow", async () => {
  const { code, err } = await run(evaluate, "--run=outputs/none", "--labels.only=joy");
  equal(code, 2);
  match(err.join("\n"), /found --labels\.only, though a trained model keeps the labels of its training/);
});

Deno.test("data audits the target that is chosen, as its error advises", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/both.csv`;
  const rows = [0, 1, 2, 3, 4, 5].map((i) =>
    `${i},${i < 4 ? "train" : "dev"},text ${i},${i % 2 ? "joy" : "fear"},${i}\n`
  );
  await Deno.writeTextFile(path, `id,split,text,label,value:valence\n${rows.join("")}`);
  match((await run(data, `--data=${path}`)).err.join("\n"), /Choose with --target class or --target values/);
  const { code, out } = await run(data, `--data=${path}`, "--target=values");
  equal(code, 0);
  match(out.join("\n"), /valence/);
  const dotted = await run(data, `--data=${path}`, "--target=class", "--labels.map.fear=alarm");
  match(dotted.out.join("\n"), /'fear' \(3 rows\) as 'alarm'/);
  await Deno.remove(folder, { recursive: true });
});
