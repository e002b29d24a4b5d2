/** A run maps labels in the same way wherever it reads data. */
import { loadDataset } from "../data/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { exportModel } from "./export.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { loadRunData, rowsReading } from "./run_data.ts";
import { loadModel } from "./required_code.ts";
import { collect, smallConfig } from "./testing.ts";
import { trainRun } from "./train.ts";

/** Writes a manifest with a row for each label in each split. */
async function manifest(labels: readonly string[]): Promise<string> {
  const path = `${await Deno.makeTempDir()}/rows.csv`;
  const rows = ["train", "dev", "test"].flatMap((split) =>
    labels.map((label, i) => `${split}${i},${split},${label} number ${i},${label}`)
  );
  await Deno.writeTextFile(path, ["id,split,text,label", ...rows].join("\n") + "\n");
  return path;
}

const data = await manifest(["hap", "exc", "ang", "oth", "neu", "hap"]);
const map = { hap: "happy", exc: "happy", oth: null };
const folder = await Deno.makeTempDir();
const config = smallConfig(folder, {
  data,
  labels: { map },
  method: "text_only",
  audio: "none",
  epochs: 1,
  name: "run",
});
await collect(trainRun(config, { controls: false }));
const run = `${folder}/outputs/run`;
const json = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("a run keeps its mapping in its configuration, results and report", async () => {
  deepEqual((await json(`${run}/config.json`)).labels, { map });
  const { dev } = await json(`${run}/metrics.json`);
  deepEqual([dev.label_map, dev.metrics.per_class.map(({ label }: { label: string }) => label)], [
    map,
    ["ang", "happy", "neu"],
  ]);
  match(
    await Deno.readTextFile(`${run}/report.html`),
    /Labels are mapped: hap and exc as happy; without oth\./,
  );
});

Deno.test("its own test split and other data are read by its mapping, or by a given one", async () => {
  equal((await evaluate(run, { split: "test" })).metrics.n, 5);
  const other = await evaluate(run, { split: "test", data: await manifest(["exc", "ang", "neu", "oth"]) });
  deepEqual([other.metrics.n, other.rejected.length, other.folder], [3, 0, undefined]);
  ok(other.notes.some((note) => /The label map drops 'oth' \(3 rows\): 3 rows left out/.test(note)));
  const foreign = await manifest(["joy", "anger", "calm"]);
  const labelMap = { joy: "happy", anger: "ang", calm: null };
  equal((await evaluate(run, { split: "test", data: foreign, labelMap })).metrics.n, 2);
  await rejects(evaluate(run, { split: "test", labelMap }), /whose labels are mapped as in its training/);
});

Deno.test("infer shows mapped labels, and still predicts rows whose label is dropped", async () => {
  const { about, config } = await loadModel(`${run}/checkpoints/best.safetensors`);
  equal((await loadRunData(run, { about, config }, [])).rows.length, 15);
  const all = await loadDataset(data, rowsReading({ about, config }, []));
  const { predictions, notes } = await infer(run, all);
  deepEqual(predictions.slice(0, 4).map(({ label }) => label), ["happy", "happy", "ang", undefined]);
  ok(!notes.some((note) => note.includes("no class")), notes.join("\n"));
});

Deno.test("an exported file says how labels were mapped", async () => {
  const { about } = await exportModel(run, { to: `${folder}/model.onnx` });
  deepEqual([about.label_map, about.labels], [map, ["ang", "happy", "neu"]]);
});
