import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { parse } from "csv-parse/sync";
import { parseWith } from "../../schema.ts";
import { type AblateConfig, ablateConfig } from "../../config/mod.ts";
import { loadAudio } from "../../data/mod.ts";
import { metrics } from "../../eval/mod.ts";
import { collect, smallConfig, smallData } from "../testing.ts";
import { evaluate } from "../evaluate.ts";
import { trainRun } from "../train.ts";
import { crossValidate, type FoldsEvent } from "./cross_validate.ts";
import { eachFoldTable, foldsTable } from "./report.ts";
import type { FoldsResults } from "./results.ts";

const data = await smallData();
const json = (path: string) => Deno.readTextFile(path).then(JSON.parse);
const table = async (path: string) =>
  parse(await Deno.readTextFile(path), { columns: true }) as Record<string, string>[];

/** Gives the rows of the small data speakers and genders, without splits, in a given order. */
async function withSpeakers(name: string, reversed = false): Promise<string> {
  const lines = (await table(`${data}/manifest.csv`)).map(({ id, text, audio, label }, i) =>
    [id, JSON.stringify(text).replaceAll('\\"', '""'), audio, label, `s${i % 6}`, i % 2 ? "female" : "male"]
      .join(",")
  );
  const path = `${data}/${name}.csv`, ordered = reversed ? lines.reverse() : lines;
  await Deno.writeTextFile(path, ["id,text,audio,label,speaker,gender", ...ordered].join("\n"));
  return path;
}

const manifest = await withSpeakers("speakers");

const config = (changes: Partial<Record<keyof AblateConfig, unknown>> = {}): AblateConfig =>
  parseWith(ablateConfig, {
    data: manifest,
    protocol: "kfold:3",
    methods: { text_only: {} },
    audio: "none",
    seeds: [1, 2],
    epochs: 1,
    batch_size: 8,
    out: `${data}/outputs`,
    cache: `${data}/cache`,
    ...changes,
  }, "the test");

const resultOf = (events: readonly FoldsEvent[]): FoldsResults => {
  const last = events.at(-1)!;
  ok(last.type === "result");
  return last.results;
};
const trained = (events: readonly FoldsEvent[]) =>
  events.flatMap((event) =>
    event.type === "fold" && event.event.type === "trained" && !event.event.before
      ? `fold-${event.fold.number}/${event.event.cell.id}`
      : []
  );

Deno.test("every row is tested once, by a run that saw no row of its speaker; pooled scores are those of all answers", async () => {
  const events = await collect(crossValidate(config({ name: "folds" })));
  const results = resultOf(events), folder = `${data}/outputs/folds`;
  const rows = await table(manifest), speakerOf = new Map(rows.map(({ id, speaker }) => [id, speaker]));
  const answers = [];
  for (const fold of [1, 2, 3]) {
    const run = `${folder}/fold-${fold}/text_only-s1`;
    const kept = await json(`${run}/config.json`);
    deepEqual([kept.protocol, kept.fold], ["kfold:3", fold]);
    deepEqual((await json(`${run}/metrics.json`)).test.read.length, 1);
    const { test: { weighted_f1_interval, balanced_accuracy_interval } } = await json(`${run}/metrics.json`);
    for (const { by, clusters } of [weighted_f1_interval, balanced_accuracy_interval]) {
      deepEqual([by, clusters], ["speaker", 2]);
    }
    const compared = await table(`${folder}/fold-${fold}/comparisons.csv`);
    ok(compared.every(({ by, clusters }) => by === "speaker" && clusters === "2"));
    const test = await table(`${run}/predictions.test.csv`), dev = await table(`${run}/predictions.dev.csv`);
    const speakers = new Set(test.map(({ id }) => speakerOf.get(id)));
    ok(dev.every(({ id }) => !speakers.has(speakerOf.get(id))));
    const planned = results.folds[fold - 1].rows;
    equal(planned.train + planned.dev + planned.test, rows.length);
    deepEqual([planned.dev, planned.test], [dev.length, test.length]);
    answers.push(...test);
  }
  deepEqual(answers.map(({ id }) => id).sort(), rows.map(({ id }) => id).sort());

  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const index = (name: string) => labels.indexOf(name);
  const expected = metrics(
    answers.map((a) => index(a.label)),
    answers.map((a) => index(a.predicted)),
    labels,
  );
  const [majority, text] = results.systems;
  deepEqual([majority.name, majority.control, text.name, results.best], [
    "majority",
    true,
    "text_only",
    "text_only",
  ]);
  for (const id of ["accuracy", "weighted_f1", "macro_f1", "balanced_accuracy"] as const) {
    ok(Math.abs(text.pooled!.metrics[id].values[0] - expected[id]) < 1e-12, id);
  }
  deepEqual([text.pooled!.n, text.pooled!.by, text.pooled!.clusters], [rows.length, "speaker", 6]);
  deepEqual(
    text.folds.map(({ n, by, clusters }) => [n, by, clusters]),
    results.folds.map(({ rows }) => [rows.test, "speaker", 2]),
  );
  for (const { value, interval_95 } of Object.values(text.pooled!.estimates)) {
    ok(interval_95![0] <= value! && value! <= interval_95![1]);
  }
  const mean = text.folds.reduce((sum, { metrics }) => sum + metrics.accuracy.mean, 0) / 3;
  ok(Math.abs(text.over_folds.accuracy.mean - mean) < 1e-12);

  deepEqual(results.groups.map(({ key }) => key), ["speaker", "gender", "words"]);
  deepEqual(results.groups[1].groups.map(({ group, n }) => [group, n]), [["female", 18], ["male", 18]]);
  const csv = await table(`${folder}/results.csv`);
  deepEqual(csv.filter(({ system }) => system === "text_only").map(({ split, fold }) => `${split} ${fold}`), [
    "dev mean",
    "test all",
    "test 1",
    "test 2",
    "test 3",
  ]);
  ok("balanced_accuracy_low" in csv[0]);
  equal(
    (await table(`${folder}/groups.csv`)).length,
    2 * results.groups.reduce((n, { groups }) => n + groups.length, 0),
  );
  deepEqual(await json(`${folder}/results.json`), JSON.parse(JSON.stringify(results)));
  equal(foldsTable(results).rows.length, 2);
  equal(eachFoldTable(results).rows.length, 4);
  ok((await Deno.readTextFile(`${folder}/report.html`)).includes("by gender"));

  // The same call trains and reads nothing again.
  const again = await collect(crossValidate(config({ name: "folds" })));
  deepEqual(trained(again), []);
  deepEqual(resultOf(again), results);
  equal((await json(`${folder}/fold-1/text_only-s1/metrics.json`)).test.read.length, 1);

  // A fold's run is an ordinary run, on its own rows.
  const run = await evaluate(`${folder}/fold-2/text_only-s1`, { split: "test", by: ["speaker"] });
  equal(run.metrics.n, results.folds[1].rows.test);
  equal(run.groups![0].groups.length, 2);
});

Deno.test("a protocol that was stopped goes on where it was, and test is read after all training", async () => {
  const stop = new AbortController(), first: FoldsEvent[] = [];
  for await (const event of crossValidate(config({ name: "stopped", seeds: [1] }), { signal: stop.signal })) {
    first.push(event);
    if (event.type === "fold" && event.fold.number === 2 && event.event.type === "trained") stop.abort();
  }
  deepEqual(trained(first), ["fold-1/text_only-s1", "fold-2/text_only-s1"]);
  ok(!("test" in await json(`${data}/outputs/stopped/fold-1/text_only-s1/metrics.json`)));
  const rest = await collect(crossValidate(config({ name: "stopped", seeds: [1] })));
  deepEqual(trained(rest), ["fold-3/text_only-s1"]);
  const kinds = rest.flatMap((event) =>
    event.type === "fold" ? [[event.testing, event.event.type].join(" ")] : []
  );
  ok(kinds.lastIndexOf("false trained") < kinds.indexOf("true tested"));
});

Deno.test("the order of the rows does not change which rows a fold tests", async () => {
  const tested = async (name: string, data: string) => {
    await collect(crossValidate(config({ name, data, seeds: [1] })));
    const path = (fold: number) => `${config().out}/${name}/fold-${fold}/text_only-s1/predictions.test.csv`;
    return await Promise.all(
      [1, 2, 3].map(async (fold) => (await table(path(fold))).map(({ id }) => id).sort()),
    );
  };
  deepEqual(
    await tested("backward", await withSpeakers("reversed", true)),
    await tested("forward", manifest),
  );
});

Deno.test("one training runs all folds, too, and its controls if wanted", async () => {
  const { seeds: _, methods: __, test: ___, ...common } = config({ name: "train" });
  const given = { ...smallConfig(data), ...common, method: "audio_only", audio: "log-mel" };
  const results = resultOf(await collect(crossValidate(given, { controls: false })));
  deepEqual(results.systems.map(({ name }) => name), ["majority", "audio_only"]);
  equal(results.seeds.length, 1);

  // A model of speech knows how long its clips are.
  const lengths = results.groups.find(({ key }) => key === "seconds")!.groups, rows = await table(manifest);
  equal(lengths.reduce((sum, { n }) => sum + n, 0), rows.length);
  const seconds = new Map(
    (await Promise.all(
      [1, 2, 3].map((fold) => table(`${data}/outputs/train/fold-${fold}/audio_only-s1/predictions.test.csv`)),
    )).flat().map(({ id, seconds }) => [id, Number(seconds)]),
  );
  for (const { id, audio } of rows) {
    const samples = await loadAudio(`${data}/${audio}`);
    ok(Math.abs(samples.length / 16000 - seconds.get(id)!) < 0.1, id); // states are 0.08 s apart
  }
  const short = [...seconds.values()].filter((length) => length < 1).length;
  equal(lengths.find(({ group }) => group === "0 to 1")?.n ?? 0, short);
});

Deno.test("without test, only dev is shown", async () => {
  const results = resultOf(await collect(crossValidate(config({ name: "dev", seeds: [1], test: false }))));
  equal(results.units, undefined);
  ok(foldsTable(results).title!.includes("dev, mean over 3 folds"));
});

Deno.test("a protocol without folds, a lone fold and the folder of a run are refused", async () => {
  await rejects(collect(crossValidate(config({ protocol: "split" }))), /a protocol with folds/);
  await rejects(collect(crossValidate(config({ fold: 1 }))), /found fold 1 alone/);
  await rejects(
    collect(crossValidate(config({ protocol: "session" }))),
    /the session of every row for session/,
  );
  await rejects(
    collect(trainRun(smallConfig(data, { data: manifest, protocol: "kfold:3" }))),
    /the number of a fold of kfold:3 but found none .*`crossValidate`/,
  );
  await rejects(collect(trainRun(smallConfig(data, { fold: 2 }))), /a protocol with folds/);
  await rejects(
    collect(trainRun(smallConfig(data, { data: manifest, protocol: "kfold:3", fold: 4 }))),
    /a fold from 1 to 3 but found 4/,
  );
  await collect(trainRun(smallConfig(data, { name: "run", method: "text_only", epochs: 1 })));
  await rejects(collect(crossValidate(config({ name: "run" }))), /found the folder of a run/);
});
