/** `infer` and `export` read data as the run did: its targets, its splits, and text whose clip is broken. */
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { loadDataset } from "../lib/data/mod.ts";
import { exportModel, infer as predict } from "../lib/jobs/mod.ts";
import { captured as run } from "./cli/testing.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const folder = await Deno.makeTempDir(), cache = `--cache=${folder}/cache`;
const sentences = ["what a day", "how dare you", "I missed you", "leave me be", "so be it"];
const sample = await loadDataset("sample");

/** Writes a manifest and trains a model of it. */
async function trained(name: string, columns: string, lines: readonly string[], ...flags: string[]) {
  await Deno.writeTextFile(`${folder}/${name}.csv`, [columns, ...lines].join("\n") + "\n");
  const { code, err } = await run(
    train,
    ...[`--data=${folder}/${name}.csv`, "--epochs=1", `--name=${name}`, `--out=${folder}`, cache],
    ...flags,
  );
  equal(code, 0, err.join("\n"));
  return `${folder}/${name}`;
}

Deno.test("rows of several targets are read with the target of the run", async () => {
  const lines = sentences.flatMap((text, i) =>
    ["train", "train", "dev", "test"].map((split, j) =>
      `${i}${j},${split},${text} ${j},${i % 2 ? "joy" : "anger"},${i - 2.5}`
    )
  );
  const columns = "id,split,text,label,value:valence";
  const model = await trained("values", columns, lines, "--method=text_only", "--target=values");
  const args = ["--checkpoint", model, cache];
  const drawn = await run(infer, ...args, "--n-samples=2");
  equal(drawn.code, 0, drawn.err.join("\n"));
  const said = [...drawn.out, ...drawn.err].join("\n");
  match(said, /true {6}valence -?\d/);
  ok(!/✗|embedded sample|true (joy|anger)/.test(said), said);
  const given = await run(infer, ...args, "--input", `${folder}/values.csv`);
  match(given.out.join("\n"), /true {6}valence -2\.5/);
  await run(infer, ...args, "--input", `${folder}/values.csv`, `--output=${folder}/answers.csv`);
  match(await Deno.readTextFile(`${folder}/answers.csv`), /^00,what a day 0,,-2\.5,-?\d/m);

  const exported = await exportModel(model, { to: `${folder}/values.onnx` });
  equal(exported.check.source, `${folder}/values.csv`);
  ok(!exported.notes.join().includes("embedded sample"));

  await Deno.writeTextFile(`${folder}/values.csv`, "id,split,text\n1,dev,hello\n"); // here, but broken
  const broken = await run(infer, ...args, "--n-samples=2");
  equal(broken.code, 2);
  match(broken.err.join("\n"), /Expected .*values/);

  await Deno.remove(`${folder}/values.csv`);
  const away = await run(infer, ...args, "--n-samples=2");
  equal(away.code, 0, away.err.join("\n"));
  match(away.err.join("\n"), /data, .*values\.csv, is not here; using rows of the embedded sample/);
  ok(!/✗|✓|true /.test(away.out.join("\n")), away.out.join("\n"));
  const { notes } = await exportModel(model, { to: `${folder}/values.onnx`, overwrite: true });
  match(notes.join("\n"), /embedded sample, not on its own data\. .*values\.csv is not here\. To compare/);
});

Deno.test("rows without a column 'split' are drawn from the splits of the run", async () => {
  const lines = Array.from(
    { length: 40 },
    (_, i) => `${i},${sentences[i % 5]} ${i},${i % 2 ? "joy" : "anger"}`,
  );
  const model = await trained("whole", "id,text,label", lines, "--method=text_only");
  const { rows } = await loadDataset(`${folder}/whole.csv`, { modalities: ["text"] });
  const dev = rows.filter(({ split }) => split === "dev").map(({ id }) => id);
  const drawn = await run(infer, "--checkpoint", model, cache, `--n-samples=${dev.length}`, "--json");
  equal(drawn.code, 0, drawn.err.join("\n"));
  const ids = JSON.parse(drawn.out.at(-1)!).map(({ id }: { id: string }) => id);
  deepEqual(ids.sort(), dev.sort());
});

Deno.test("a run that kept the text of rows with a broken clip predicts them from it", async () => {
  const some = (["train", "dev"] as const).flatMap((split) =>
    sample.rows.filter((row) => row.split === split).slice(0, 6)
  );
  for (const [i, { audio }] of some.entries()) {
    await Deno.copyFile(`${sample.root}/${audio}`, `${folder}/${i}.mp3`);
  }
  const [decoded, found] = [6, 7]; // rows of dev: the clip of one can't be decoded, that of the other is away
  await Deno.writeTextFile(`${folder}/${decoded}.mp3`, "no sound");
  await Deno.remove(`${folder}/${found}.mp3`);
  const lines = some.map(({ split }, i) =>
    `${i},${split},${sentences[i % 5]} ${i},${i}.mp3,${i % 2 ? "joy" : "anger"}`
  );
  const flags = ["--method=attention_pooling", "--audio=log-mel", "--keep-text", "--max-rejected=0.5"];
  const model = await trained("kept", "id,split,text,audio,label", lines, ...flags);
  const args = ["--checkpoint", model, cache, "--json"];
  for (const rows of [["--n-samples=6"], ["--input", `${folder}/kept.csv`]]) {
    const { code, out, err } = await run(infer, ...args, ...rows);
    equal(code, 0, err.join("\n"));
    const answers: { id: string; predicted?: string }[] = JSON.parse(out.at(-1)!);
    for (const i of [decoded, found]) {
      ok(answers.some(({ id, predicted }) => id === String(i) && predicted), `${i}: ${err.join("\n")}`);
    }
    equal(err.filter((line) => /^note: 1 row keeps only its text/.test(line)).length, 2, err.join("\n"));
  }
  const text = `${sentences[1]} ${decoded}`, split = "dev" as const;
  const of = async (audio?: string) =>
    (await predict(model, { rows: [{ id: "a", split, text, audio }], root: folder })).predictions[0];
  deepEqual((await of(`${decoded}.mp3`)).probabilities, (await of()).probabilities);
});
