/** Data without a modality that the model reads: `evaluate` gives the metrics of `infer`, and a note. */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { useEngine } from "../compute/mod.ts";
import { loadDataset } from "../data/mod.ts";
import { metrics } from "../eval/mod.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { planRun } from "../config/mod.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { prepare } from "./prepare.ts";
import { smallConfig, smallData } from "./testing.ts";

await useEngine();

const folder = await smallData({ train: 12, dev: 6, test: 4 }), cache = `${folder}/cache`;
const run = (name: string) => fixture(`runs/v0.1/${name}`);

type Row = Record<string, string>;

/** Writes the manifest with every row changed by `change`. */
async function changed(name: string, change: (row: Row, i: number) => Row): Promise<string> {
  const rows = parse(await Deno.readTextFile(`${folder}/manifest.csv`), { columns: true }) as Row[];
  await Deno.writeTextFile(`${folder}/${name}.csv`, stringify(rows.map(change), { header: true }));
  return `${folder}/${name}.csv`;
}

/** Computes the metrics of `infer`'s predictions on the dev rows. */
async function inferred(path: string, data: string) {
  const { rows, root, labels } = await loadDataset(data);
  const { predictions } = await infer(path, { root, rows: rows.filter(({ split }) => split === "dev") });
  const classes = (of: "label" | "predicted") => predictions.map((row) => labels.indexOf(row[of]!));
  return metrics(classes("label"), classes("predicted"), labels);
}

for (const [lost, kept] of [["audio", "text"], ["text", "audio"]] as const) {
  for (const name of ["frozen", "tuned"]) {
    Deno.test(`the run '${name}' is evaluated on data without ${lost} as infer does, with a note`, async () => {
      const data = await changed(`no_${lost}`, ({ [lost]: _, ...row }) => row);
      const result = await evaluate(run(name), { split: "dev", data, cache });
      deepEqual(result.metrics, await inferred(run(name), data));
      deepEqual(result.lacking, { [lost]: 6 });
      ok(result.notes.includes(`No row of dev has ${lost}: the metrics are without it.`), `${result.notes}`);
      ok(!result.notes.some((note) => note.includes(kept)), `${result.notes}`);
    });
  }
}

Deno.test("rows that lack a modality are counted", async () => {
  const data = await changed("some", (row, i) => i % 2 ? { ...row, audio: "" } : row);
  const { metrics, lacking, notes } = await evaluate(run("frozen"), { split: "dev", data, cache });
  deepEqual(metrics, await inferred(run("frozen"), data));
  deepEqual(lacking, { audio: 3 });
  ok(notes.includes("3 of 6 rows of dev lack audio: these are answered without it."), `${notes}`);
});

Deno.test("data with no modality of the model is refused, and so is training without a modality in train", async () => {
  const silent = await changed("silent", (row) => row.split === "dev" ? { ...row, audio: "" } : row);
  await rejects(
    evaluate(run("plain"), { split: "dev", data: silent, cache, max_rejected: 1 }),
    /Expected .*audio/,
  );
  const deaf = await changed("deaf", (row) => row.split === "train" ? { ...row, audio: "" } : row);
  const config = smallConfig(folder, { data: deaf, audio: "log-mel" });
  await rejects(
    prepare(planRun(config), { splits: ["train", "dev"] }),
    /found no training row with audio .*--method text_only/,
  );
  equal((await prepare(planRun(config), { splits: ["dev"] })).examples.dev.length, 6);
});
