/** How sure a run is: from its kept predictions, in `evaluate`, and as sets in `infer`. */
import { useEngine } from "../compute/mod.ts";
import { loadDataset } from "../data/mod.ts";
import { certaintyOf, conformalRule, conformalSets, temperature } from "../eval/mod.ts";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { certainty } from "./certainty.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { predictionsCsv, readPredictions } from "./predictions.ts";
import { openRun } from "./run_folder.ts";
import { setsOf } from "./sets.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();

const data = await smallData({ train: 24, dev: 12, test: 10 });
await collect(
  trainRun(smallConfig(data, { method: "text_only", epochs: 4, name: "first" }), { controls: false }),
);
const run = `${data}/outputs/first`, dataset = await loadDataset(`${data}/manifest.csv`);

/** Returns true classes and probabilities of a split, as `infer` gives them. */
async function inferred(split: string) {
  const rows = dataset.rows.filter((row) => row.split === split);
  const { predictions, labels } = await infer(run, { rows, root: dataset.root });
  return {
    labels,
    truth: predictions.map(({ label }) => labels.indexOf(label!)),
    probabilities: predictions.map(({ probabilities }) => labels.map((label) => probabilities[label])),
  };
}

const close = (a: number | null, b: number | null, what: string) =>
  ok(Math.abs(a! - b!) < 1e-4 * Math.max(1, Math.abs(b!)), `${what}: ${a} is ${b}`);

Deno.test("evaluate measures test with what dev fits, and the run's kept predictions say the same", async () => {
  const { calibration, notes } = await evaluate(run, { split: "test" });
  const dev = await inferred("dev"), test = await inferred("test");
  const expected = certaintyOf(test, dev, dev.labels);
  equal(calibration!.n, 10);
  close(calibration!.calibrator.temperature, expected.calibrator.temperature, "temperature");
  close(calibration!.calibrator.rule!.threshold, expected.calibrator.rule!.threshold, "threshold");
  for (const when of ["before", "after"] as const) {
    close(calibration![when].nll, expected[when].nll, `NLL ${when}`);
    close(calibration![when].ece, expected[when].ece, `ECE ${when}`);
  }
  deepEqual(calibration!.sets, expected.sets);
  match(
    calibration!.notes.join("\n"),
    /^Dev fits temperature and sets, and it has also chosen the epoch, by macro F1\./m,
  );
  ok(!calibration!.notes.join("\n").includes("these very rows") && !notes.join("\n").includes("Calibration"));
  deepEqual(await certainty(run, "test"), calibration);
});

Deno.test("on dev, a note says that these rows fitted temperature and sets", async () => {
  const { notes, sets } = await certainty(run);
  match(notes.join("\n"), /fitted on these very rows/);
  ok(sets!.coverage >= 0.9, "the rows that fit the threshold are covered");
});

Deno.test("other data are measured by the run's dev rows, with a note", async () => {
  const others = dataset.rows.filter(({ split }) => split === "test").map(({ id, text, label }) =>
    `${id},dev,"${text!.replaceAll('"', '""')}",${label}`
  );
  await Deno.writeTextFile(`${data}/other.csv`, ["id,split,text,label", ...others].join("\n"));
  const { calibration, folder } = await evaluate(run, { split: "dev", data: `${data}/other.csv` });
  equal(folder, undefined);
  match(calibration!.notes.join("\n"), /^These are other data than the run's dev rows/m);
  close(calibration!.before.nll, (await certainty(run, "test")).before.nll, "NLL");
});

Deno.test("infer gives each row its set, which holds the answer, and writes it as 'joy or surprise'", async () => {
  const dev = await inferred("dev"), rows = dataset.rows.filter(({ split }) => split === "test");
  const result = await infer(run, { rows, root: dataset.root }, { sets: 0.75 });
  const logs = (rows: number[][]) => rows.map((row) => row.map(Math.log)),
    fitted = temperature(dev.truth, logs(dev.probabilities));
  const scaled = (rows: number[][]) =>
    rows.map((row) => {
      const powers = row.map((p) => p ** (1 / fitted)), sum = powers.reduce((a, b) => a + b);
      return powers.map((power) => power / sum);
    });
  const rule = conformalRule(dev.truth, scaled(dev.probabilities), { coverage: 0.75 });
  const test = await inferred("test"), sets = conformalSets(scaled(test.probabilities), rule);
  deepEqual(result.predictions.map(({ set }) => set), sets.map((set) => set.map((c) => dev.labels[c])));
  ok(result.predictions.every(({ set, predicted }) => set![0] === predicted));
  match(
    result.notes.join("\n"),
    /^A set holds the true label for 75 % of rows that are drawn like the 12 dev rows/m,
  );
  const csv = predictionsCsv(result.predictions, result);
  ok(csv.split("\n")[0].includes(",set"));
  ok(csv.includes(result.predictions.find(({ set }) => set!.length > 1)!.set!.join(" or ")));
  equal((await infer(run, { rows, root: dataset.root })).predictions[0].set, undefined);
});

Deno.test("sets that can't be fitted are refused with the reason", async () => {
  const rows = [{ id: "a", split: "test" as const, text: "Hi." }], given = { rows, root: data };
  await rejects(infer(run, given, { sets: 0.99 }), /at least 99 dev rows for sets at 99 % but found 12/);
  await rejects(
    infer(openRun(run).best, given, { sets: 0.9 }),
    /the folder of a run, .* found a lone checkpoint/,
  );
  await rejects(infer(run, given, { sets: 90 }), /a coverage between 0 and 1 but found 90/);
  await rejects(
    setsOf(run, { target: "values", labels: ["valence"] }, 0.9),
    /a model of classes, for sets but found one of the kind 'values'/,
  );
});

Deno.test("predictions of earlier weights, of another kind and of no evaluation are refused", async () => {
  const folder = openRun(run), kept = await readJson(folder.metrics) as { dev: object };
  await rejects(certainty(run, "train"), /predictions on train .* found none .*--split train/);
  for (
    const [dev, refused] of [
      [{ ...kept.dev, outdated: true }, /found those of earlier weights/],
      [{ metrics: { target: "values", n: 1, per_label: [] }, read: [] }, /Calibration is for class targets/],
    ] as const
  ) {
    await writeJsonAtomic(folder.metrics, { ...kept, dev });
    await rejects(certainty(run), refused);
  }
  await writeJsonAtomic(folder.metrics, kept);
});

Deno.test("small probabilities survive the file, so that the temperature is the same", () => {
  const predicts = { target: "class" as const, labels: ["joy", "anger"] };
  const row = {
    id: "1",
    label: "joy",
    predicted: "joy",
    probabilities: { joy: 0.99999999, anger: 1.2345678e-9 },
  };
  const [{ answer }] = readPredictions(predictionsCsv([row], predicts), predicts);
  deepEqual(answer, [1, 1.234568e-9]);
});
