/** Scaling by groups from end to end: training, results, evaluation, prediction, resuming and export. */
import { parse } from "csv-parse/sync";
import { useEngine } from "../compute/mod.ts";
import { loadDataset, type Utterance } from "../data/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { ablateConfig } from "../config/ablation.ts";
import { ablate } from "./ablation/ablate.ts";
import { ablationTable } from "./ablation/report.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel } from "./export.ts";
import { infer, openInference } from "./infer.ts";
import { readResults } from "./results.ts";
import { openRun, runFolder } from "./run_folder.ts";
import { withScalings } from "./normalized.ts";
import { collect, smallConfig } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";

await useEngine();

const folder = await Deno.makeTempDir({ prefix: "undertone" });
const COLUMNS = ["id", "split", "text", "label", "speaker"] as const;
const WORDS = ["What a day", "Leave me", "That is it", "You came", "No way", "Come in"];

/** Two speakers in each split with six rows each, and one row of test without a speaker. */
const rows = [
  ...["train", "dev", "test"].flatMap((split) =>
    ["ann", "bob"].flatMap((speaker) =>
      WORDS.map((words, i) => ({
        id: `${split}-${speaker}-${i}`,
        split,
        text: `${words}, ${speaker}${i % 2 ? "!" : "."}`,
        label: i % 2 ? "joy" : "anger",
        speaker,
      }))
    )
  ),
  { id: "test-nobody", split: "test", text: "Who is there?", label: "joy", speaker: "" },
];

async function manifestOf(some: typeof rows, name: string): Promise<string> {
  const path = `${folder}/${name}.csv`;
  const lines = [[...COLUMNS], ...some.map((row) => COLUMNS.map((column) => `"${row[column]}"`))];
  await Deno.writeTextFile(path, lines.map((line) => line.join(",")).join("\n") + "\n");
  return path;
}
const data = await manifestOf(rows, "rows");

const config = (name: string, normalize: string, changes: Partial<TrainConfig> = {}) =>
  smallConfig(folder, {
    ...{ data, method: "text_only", audio: "none", lr: 0.01, name, normalize: { text: normalize } },
    ...changes,
  });
const train = async (name: string, normalize: string, changes: Partial<TrainConfig> = {}) => {
  const events = await collect(trainRun(config(name, normalize, changes), { controls: false }));
  const prepared = events.find((event) => event.type === "prepared")!;
  return { path: `${folder}/outputs/${name}`, notes: prepared.dataset.notes };
};
/** Probabilities of the test rows by id, as a run's folder keeps them. */
async function kept(path: string): Promise<Record<string, number>> {
  const csv = await Deno.readTextFile(runFolder(path).predictions("test"));
  const table = parse(csv, { columns: true }) as Record<string, string>[];
  return Object.fromEntries(table.map(({ id, p_joy }) => [id, Number(p_joy)]));
}
const predicted = async (path: string, given: readonly Utterance[], enroll?: readonly Utterance[]) => {
  const { predictions, notes } = await infer(path, { rows: given, root: folder }, {
    enroll: enroll && { rows: enroll, root: folder },
  });
  const shares = predictions.map(({ id, probabilities }) => [id, Number(probabilities.joy.toPrecision(7))]);
  return { shares: Object.fromEntries(shares) as Record<string, number>, notes };
};

const { path: transductive, notes: ofTraining } = await train("transductive", "speaker");
const test = (await loadDataset(data)).rows.filter(({ split }) => split === "test");
const ofAnn = test.filter(({ speaker }) => speaker === "ann");

Deno.test("a run names its scaling in configuration, notes, results and tables", async () => {
  const { normalize } = JSON.parse(await Deno.readTextFile(`${transductive}/config.json`));
  deepEqual(normalize, { text: "speaker:transductive", audio: "train" });
  ok(
    ofTraining.some((note) => /^Text is scaled by speaker \(transductive\): a prediction depends/.test(note)),
  );
  equal((await readResults(openRun(transductive))).dev!.normalize, "text by speaker (transductive)");
  match(
    await Deno.readTextFile(`${transductive}/report.html`),
    /text_only, text by speaker \(transductive\)/,
  );
});

Deno.test("a row without a speaker has the train split's statistics, and is counted", async () => {
  const { notes, normalize } = await evaluate(transductive, { split: "test" });
  equal(normalize, "text by speaker (transductive)");
  ok(notes.includes(
    "test: 1 of 13 rows without a speaker, or of one with too few rows (at least 4): the statistics of the " +
      "train split scale their text.",
  ));
});

Deno.test("infer answers as evaluate does, in any order of rows", async () => {
  const shuffled = random(1).shuffle(test);
  const { shares } = await predicted(transductive, shuffled);
  deepEqual(Object.entries(shares).sort(), Object.entries(await kept(transductive)).sort());
});

/** Passes if two probabilities of a row in different batches are equal up to rounding. */
const near = (a: number, b: number) => ok(Math.abs(a - b) <= 1e-6, `${a} for ${b}`);

Deno.test("a speaker whose rows are all enrolled is scaled as in transduction; another is not", async () => {
  const { shares, notes } = await predicted(transductive, [ofAnn[0], test[6]], ofAnn);
  const before = await kept(transductive), alone = await predicted(transductive, [test[6]]);
  near(shares[ofAnn[0].id], before[ofAnn[0].id]);
  near(shares[test[6].id], alone.shares[test[6].id]);
  ok(Math.abs(shares[test[6].id] - before[test[6].id]) > 1e-3);
  ok(notes.includes("6 rows are the enrolment."));
  ok(notes.includes(
    "1 of 2 rows of a speaker without enrolled rows: the statistics of the train split scale their text. Name " +
      "the same speaker in the column 'speaker' of both, or in neither: these rows have 'bob', the enrolment 'ann'.",
  ));
});

Deno.test("of an enrolment, the rows of predicted speakers are encoded, and each once", async () => {
  const totals: number[] = [];
  using opened = await openInference(transductive, ["text"], {
    enroll: { rows: test, root: folder },
    onProgress: ({ done, total }) => void (done === total && totals.push(total)),
  });
  const { predictions, notes } = await opened.infer({ rows: [ofAnn[0]], root: folder });
  deepEqual(totals.splice(0), [1, 6]); // not 13, the rows of all speakers
  near(predictions[0].probabilities.joy, (await kept(transductive))[ofAnn[0].id]);
  ok(notes.includes("6 rows are the enrolment."));
  ok(notes.includes("The enrolment has 7 more of groups that no row here is of."));
  await opened.infer({ rows: [ofAnn[1], test[6]], root: folder });
  deepEqual(totals, [2, 6]); // Bob's; Ann's are known
});

Deno.test("an enrolment without a corpus counts for rows with one, and a note says so", async () => {
  const placed = [ofAnn[0], test[6]].map((row) => ({ ...row, corpus: "plays" }));
  const { shares, notes } = await predicted(transductive, placed, ofAnn);
  equal(shares[ofAnn[0].id], (await kept(transductive))[ofAnn[0].id]);
  ok(notes.includes(
    "Text finds the enrolment of a row by its speaker alone, because only the rows to be predicted name a " +
      "corpus.",
  ));
  ok(
    notes.some((note) =>
      /^1 of 2 rows of a speaker without enrolled rows, or of one named in several corpora: /.test(note)
    ),
  );
});

Deno.test("other speakers or corpora are not the data of a run that scales by speaker", async () => {
  const swapped = rows.map((row, i) => ({ ...row, speaker: i % 2 ? "ann" : "bob" }));
  const other = await evaluate(transductive, { split: "dev", data: await manifestOf(swapped, "swapped") });
  equal(other.folder, undefined);
  ok(other.notes.some((note) => /other dialogues or speakers in dev\), so the result is not/.test(note)));
  const lines = (await Deno.readTextFile(data)).trimEnd().split("\n");
  await Deno.writeTextFile(
    `${folder}/placed.csv`,
    lines.map((line, i) => `${line},${i === 0 ? "corpus" : `c${i % 2}`}\n`).join(""),
  );
  const placed = await evaluate(transductive, { split: "dev", data: `${folder}/placed.csv` });
  equal(placed.folder, undefined);
  const same = await evaluate(transductive, { split: "dev", data: await manifestOf(rows, "same") });
  equal(same.folder?.path, transductive);
  await rejects(
    collect(resumeRun(transductive, { epochs: 3, data: `${folder}/swapped.csv`, controls: false })),
    /other dialogues or speakers in train, other dialogues or speakers in dev/,
  );
});

Deno.test("an enrolment is not scored, and infer asks for one", async () => {
  const { path, notes } = await train("enrolled", "speaker:enrolled:4");
  ok(notes.includes("dev: 8 rows are the enrolment of their groups and are not scored."));
  const { metrics } = await evaluate(path, { split: "test" });
  const scored = Object.keys(await kept(path));
  deepEqual(scored, ["test-ann-4", "test-ann-5", "test-bob-4", "test-bob-5", "test-nobody"]);
  ok("confusion" in metrics);
  const without = await predicted(path, [ofAnn[4]]);
  ok(without.notes.some((note) => /^This model scales by enrolled rows, and none are given/.test(note)));
  const { shares } = await predicted(path, [ofAnn[4]], ofAnn.slice(0, 4));
  equal(shares["test-ann-4"], (await kept(path))["test-ann-4"]);
});

Deno.test("an enrolment for a model that scales by the train split is refused", async () => {
  const { path } = await train("plain", "train", { epochs: 1 });
  await rejects(
    predicted(path, ofAnn, ofAnn),
    /Expected a model that scales states by groups.*Leave the enrolment/,
  );
});

Deno.test("a causal run that was stopped ends in the same answers as an unbroken one", async () => {
  const { path: whole } = await train("whole", "speaker:causal"), stop = new AbortController();
  const options = { controls: false, signal: stop.signal };
  for await (const event of trainRun(config("broken", "speaker:causal"), options)) {
    if (event.type === "epoch") stop.abort();
  }
  await collect(resumeRun(`${folder}/outputs/broken`, { controls: false }));
  for (const path of [whole, `${folder}/outputs/broken`]) await evaluate(path, { split: "test" });
  deepEqual(await kept(`${folder}/outputs/broken`), await kept(whole));
});

Deno.test("an exported file scales by the train split, and says so", async () => {
  const { notes, about, check } = await exportModel(transductive, { to: `${folder}/model.onnx` });
  match(about.scaling!, /^The model scales text by speaker \(transductive\)\. A file sees single utterances/);
  ok(notes.includes(about.scaling!) && check.difference < 1e-4);
});

Deno.test("all systems of an ablation answer the same rows, without the enrolment", async () => {
  const methods = { text_only: { epochs: 1 } };
  const ablation = ablateConfig.parse({
    ...{ data, audio: "none", methods, seeds: [1], epochs: 1, normalize: "speaker:enrolled:4" },
    ...{ out: `${folder}/ablations`, cache: `${folder}/cache` },
  });
  const last = (await collect(ablate(ablation))).at(-1)!;
  ok(last.type === "result");
  deepEqual(last.results.rows, { dev: 4, test: 5 });
  match(ablationTable(last.results).title!, /; text by speaker \(enrolled, 4 rows\)$/);
});

Deno.test("an earlier utterance is scaled by the statistics of its own speaker", () => {
  const sequence = (...values: number[]) => ({
    data: Float32Array.from(values),
    length: values.length,
    width: 1,
  });
  const rows = ["ann", "bob"].flatMap((speaker, s) =>
    [0, 1, 2, 3].map((i) => ({ id: `${speaker}${i}`, split: "dev" as const, text: "x", speaker, at: s }))
  );
  const examples = rows.map(({ id, at }, i) => ({ id, text: sequence(10 * at + i, 10 * at + i + 1) }));
  const earlier = [{ id: "ann0", distance: 1, speaker: "other" as const, text: examples[0].text }];
  const last = { ...examples[7], earlier };
  const train = { mean: Float32Array.of(0), std: Float32Array.of(1) };
  const scaled = withScalings(
    { rows, examples: [...examples.slice(0, 7), last] },
    { standardizers: { text: train } },
    { normalize: { text: "speaker", audio: "train" } },
  ).examples;
  deepEqual(scaled[7].earlier![0].scaling, scaled[0].scaling);
  // Ann's states are 0, 1, 1, 2, 2, 3, 3, 4.
  ok(Math.abs(scaled[0].scaling!.text!.mean[0] - 2) < 1e-6);
  ok(Math.abs(scaled[7].scaling!.text!.mean[0] - 2) > 10);
});

Deno.test("an ablation whose recipes would score other rows is refused before any training", async () => {
  const methods = {
    plain: { method: "text_only" },
    enrolled: { method: "text_only", normalize: { text: "speaker:enrolled:2" } },
  };
  const common = { data, audio: "none", out: `${folder}/outputs`, cache: `${folder}/cache`, epochs: 1 };
  await rejects(
    collect(ablate(ablateConfig.parse({ ...common, methods, seeds: [1], name: "other-rows" }))),
    /'plain' and 'enrolled', which leave out other rows as an enrolment at --normalize/,
  );
});
