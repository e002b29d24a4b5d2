/** Runs of the previous version are read with equal answers, evaluated and resumed. */
import { useEngine } from "../compute/mod.ts";
import { loadDataset } from "../data/mod.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { fixture, jsonFixture } from "../testing/shared.ts";
import { loadCheckpoint, saveCheckpoint } from "../train/checkpoint.ts";
import { planRun } from "../config/mod.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { prepare } from "./prepare.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";

const run = (name: string) => fixture(`runs/v0.1/${name}`);
/** Probabilities by run and row. */
const expected = jsonFixture("runs/v0.1/expected.json") as Record<string, Record<string, number[]>>;

await useEngine();

/** Rows of the embedded sample: one with both modalities, and one without each. */
async function rows() {
  const { rows, root } = await loadDataset("sample");
  const { label: _, ...both } = rows.find(({ split }) => split === "test")!;
  return {
    root,
    rows: [
      { ...both, id: "both" },
      { ...both, id: "text", audio: undefined },
      { ...both, id: "audio", text: undefined },
    ],
  };
}

for (const name of Object.keys(expected)) {
  Deno.test(`the run '${name}' of version 0.1 gives the same answers`, async () => {
    const { predictions } = await infer(run(name), await rows());
    deepEqual(predictions.map(({ id }) => id), Object.keys(expected[name]));
    for (const { id, probabilities } of predictions) {
      Object.values(probabilities).forEach((p, i) =>
        ok(Math.abs(p - expected[name][id][i]) < 1e-5, `${id}: ${p} for ${expected[name][id][i]}`)
      );
    }
  });
}

Deno.test("a run of version 0.1 evaluates to its own metrics and resumes", async () => {
  const folder = await smallData({ train: 12, dev: 6, test: 4 }), name = "frozen";
  const copy = runFolder(`${folder}/${name}`);
  await Deno.mkdir(`${copy.path}/checkpoints`, { recursive: true });
  for (const file of ["config", "environment", "metrics", "events", "last", "best"] as const) {
    await Deno.copyFile(runFolder(run(name))[file], copy[file]);
  }
  const { dev } = jsonFixture(`runs/v0.1/${name}/metrics.json`);
  const data = `${folder}/manifest.csv`;
  deepEqual(
    (await evaluate(copy.path, { split: "dev", data, cache: `${folder}/cache` })).metrics,
    dev.metrics,
  );
  const { state } = await loadCheckpoint(copy.last);
  deepEqual([state!.epoch, state!.step], [2, 6]);
  const config = smallConfig(folder, { audio: "log-mel" });
  const prepared = await prepare(planRun(config), { splits: ["train", "dev"] });
  const events = await collect(resumeRun(copy.path, { prepared, controls: false }));
  equal(events.at(-1)?.type, "result");
  const more = await collect(resumeRun(copy.path, { prepared, epochs: 3, controls: false }));
  deepEqual(more.flatMap((event) => event.type === "epoch" ? [event.epoch] : []), [2]);
  ok((await loadCheckpoint(copy.last)).about.rows!.content, "the rows are known by content from now on");
});

Deno.test("a run of the first version's acoustic states keeps its answers, and a new run names its version", async () => {
  const folder = await smallData({ train: 8, dev: 4, test: 2 });
  const config = smallConfig(folder, { method: "audio_only", text: "none", audio: "acoustic@1", epochs: 1 });
  await collect(trainRun({ ...config, name: "first" }));
  const run = runFolder(`${config.out}/first`);
  const input = { rows: (await loadDataset(config.data)).rows.slice(0, 2), root: folder };
  const { predictions } = await infer(run.path, input);

  // Earlier files say 'acoustic' for what is acoustic@1 now.
  for (const path of [run.best, run.last]) {
    const checkpoint = await loadCheckpoint(path), { about } = checkpoint;
    about.encoders.audio!.id = about.config.audio = "acoustic";
    await saveCheckpoint(path, checkpoint);
  }
  const saved = JSON.parse(await Deno.readTextFile(run.config));
  await Deno.writeTextFile(run.config, JSON.stringify({ ...saved, audio: "acoustic" }));
  const again = await infer(run.path, input);
  deepEqual(again.predictions, predictions);
  deepEqual(again.notes, []);
  equal(
    (await evaluate(run.path, { split: "dev" })).notes.filter((note) => note.includes("differs")).length,
    0,
  );
  equal((await loadCheckpoint(run.best)).about.encoders.audio!.id, "acoustic@1");
  equal(smallConfig(folder, { audio: "acoustic" }).audio, "acoustic@2");
});
