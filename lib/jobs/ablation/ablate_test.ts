import { deepEqual, equal, ok, rejects, throws } from "../../testing/assert.ts";
import { parse } from "csv-parse/sync";
import { loadDataset } from "../../data/mod.ts";
import { majorityControl, type Metrics, metrics, metricsOfOutcomes, spread } from "../../eval/mod.ts";
import { fusionMethod, registerFusionMethod } from "../../fusion/mod.ts";
import { parseWith } from "../../schema.ts";
import { ablate, type AblateEvent } from "./ablate.ts";
import { type AblateConfig, ablateConfig, cellsOf, chooseMethods } from "../../config/ablation.ts";
import type { AblationResults } from "./table.ts";
import { runFolder } from "../run_folder.ts";
import { tinyTextFolder } from "../../testing/tiny_encoders.ts";
import { collect, smallData } from "../testing.ts";

const data = await smallData();
const text = `hf:${await tinyTextFolder()}`; // small encoders: what they say does not matter here
const read = (path: string) => Deno.readTextFile(path).then(JSON.parse);
const rowsOf = async (path: string) =>
  parse(await Deno.readTextFile(path), { columns: true }) as Record<string, string>[];

/** An ablation of two seeds, one epoch, and one fused method beside the controls. */
const config = (changes: Partial<Record<keyof AblateConfig, unknown>> = {}): AblateConfig =>
  parseWith(ablateConfig, {
    data: `${data}/manifest.csv`,
    text,
    audio: "log-mel",
    methods: { attention_pooling: {} },
    seeds: [1, 2],
    epochs: 1,
    batch_size: 4,
    out: `${data}/outputs`,
    cache: `${data}/cache`,
    ...changes,
  }, "the test");

const trained = (events: readonly AblateEvent[]) =>
  events.flatMap((event) => event.type === "trained" && !event.before ? event.cell.id : []);
const resultOf = (events: readonly AblateEvent[]): AblationResults => {
  const last = events.at(-1)!;
  ok(last.type === "result");
  return last.results;
};

Deno.test("the table shows the metrics of its cells' runs, the majority and the controls", async () => {
  const events = await collect(ablate(config({ name: "table" })));
  const results = resultOf(events), folder = `${data}/outputs/table`;
  deepEqual(results.systems.map(({ name, control }) => [name, control]), [
    ["majority", true],
    ["text_only", true],
    ["audio_only", true],
    ["attention_pooling", false],
  ]);
  for (const { name, ...by } of results.systems.slice(1)) {
    const runs = await Promise.all([1, 2].map((seed) => read(`${folder}/${name}-s${seed}/metrics.json`)));
    for (const split of ["dev", "test"] as const) {
      for (const measure of ["accuracy", "weighted_f1", "macro_f1"] as const) {
        const values = runs.map((run) => run[split].metrics[measure]);
        const [a, b] = values, { mean, deviation } = by[split]![measure];
        deepEqual(by[split]![measure].values, values);
        ok(Math.abs(mean - (a + b) / 2) < 1e-12);
        ok(Math.abs(deviation! - Math.abs(a - b) / Math.SQRT2) < 1e-12);
      }
      deepEqual(runs.map((run) => run[split].read.length), [1, 1]);
    }
  }

  const { rows: utterances, labels } = await loadDataset(`${data}/manifest.csv`);
  const classes = (split: string) =>
    utterances.filter((row) => row.split === split).map(({ label }) => labels.indexOf(label!));
  for (const split of ["dev", "test"] as const) {
    const floor = metricsOfOutcomes(majorityControl(classes("train"), classes(split), labels)) as Metrics;
    equal(results.systems[0][split]!.accuracy.mean, floor.accuracy);
    equal(results.systems[0][split]!.weighted_f1.mean, floor.weighted_f1);
  }

  equal(results.best, "attention_pooling");
  for (const { against, delta, interval_95: [low, high], split, clusters } of results.gains) {
    equal(split, "test");
    equal(clusters, 8); // one per test row, although two seeds answered each
    ok(low <= delta && delta <= high, against);
  }
  const pooled = async (name: string) => {
    const rows = (await Promise.all(
      [1, 2].map((seed) => rowsOf(runFolder(`${folder}/${name}-s${seed}`).predictions("test"))),
    )).flat();
    const index = (key: string) => rows.map((row) => labels.indexOf(row[key]));
    return metrics(index("label"), index("predicted"), labels).weighted_f1;
  };
  const gain = results.gains.find(({ against }) => against === "audio_only")!;
  ok(Math.abs(gain.delta - (await pooled("attention_pooling") - await pooled("audio_only"))) < 1e-12);

  deepEqual(await read(`${folder}/results.json`), JSON.parse(JSON.stringify(results)));
  const table = await rowsOf(`${folder}/results.csv`);
  equal(table.length, 8);
  equal(Number(table.at(-1)!.macro_f1_mean), results.systems[3].test!.macro_f1.mean);
  const cells = await rowsOf(`${folder}/cells.csv`);
  const ours = cells.filter(({ system, split }) => system === "attention_pooling" && split === "dev");
  deepEqual(ours.map(({ seed }) => seed), ["1", "2"]);
  equal(
    spread(ours.map(({ accuracy }) => Number(accuracy))).mean,
    results.systems[3].dev.accuracy.mean,
  );
  const compared = await rowsOf(`${folder}/comparisons.csv`);
  deepEqual(
    compared.map(({ system, against, metric }) => [system, against, metric]),
    ["weighted_f1", "balanced_accuracy"].flatMap((metric) =>
      ["majority", "text_only", "audio_only"].map((against) => ["attention_pooling", against, metric])
    ),
  );
  equal(Number(compared[2].p), gain.p);
  ok(compared.every(({ p, p_holm }) => Number(p_holm) >= Number(p)));
  const page = await Deno.readTextFile(`${folder}/report.html`);
  ok(page.includes('<a href="attention_pooling-s1/report.html">attention_pooling-s1</a>'));
  ok(page.includes("F1 of each class on test") && !page.includes('class="note">attention_pooling over'));
  for (const file of ["comparison.svg", "comparison.png", "comparison.html", "report.html"]) {
    ok((await Deno.stat(`${folder}/${file}`)).size > 500, file);
  }
});

Deno.test("trained cells are kept, stopped cells resume, and the table is the same", async () => {
  const plain = resultOf(await collect(ablate(config({ name: "whole", seeds: [1], epochs: 2 }))));
  const stop = new AbortController();
  const broken = config({ name: "broken", seeds: [1], epochs: 2 });
  const first = await collect((async function* () {
    for await (const event of ablate(broken, { signal: stop.signal })) {
      yield event;
      const inSecondEpoch = event.type === "cell" && event.event.type === "step" && event.event.step === 7;
      if (inSecondEpoch && event.cell.id === "audio_only-s1") stop.abort();
    }
  })());
  deepEqual(trained(first), ["text_only-s1"]);
  ok(!first.some(({ type }) => type === "result" || type === "tested"), "test is read when all are trained");

  const second = await collect(ablate(broken));
  const planned = second.find((event) => event.type === "planned")!;
  deepEqual(planned.states, ["done", "started", "new"]);
  deepEqual(trained(second), ["audio_only-s1", "attention_pooling-s1"]);
  deepEqual(resultOf(second), plain);

  const third = await collect(ablate(broken));
  deepEqual(trained(third), []);
  ok(!third.some(({ type }) => type === "tested"), "test is not read again");
  deepEqual(resultOf(third), plain);
});

Deno.test("cells of another configuration are refused; overwrite retrains only those", async () => {
  const only = { name: "again", seeds: [1], test: false };
  await collect(ablate(config(only)));
  const tuned = config({ ...only, methods: { attention_pooling: { lr: 0.01 } } });
  await rejects(
    collect(ablate(tuned)),
    /1 that were trained differently, e\.g\. attention_pooling-s1 \(lr\)/,
  );
  const events = await collect(ablate(tuned, { overwrite: true }));
  deepEqual(trained(events), ["attention_pooling-s1"]);
  const results = resultOf(events);
  ok(results.systems.every(({ test }) => test === undefined));
  equal(results.gains[0].split, "dev");
  equal(results.systems[3].dev.accuracy.deviation, null);
  equal((await read(`${data}/outputs/again/attention_pooling-s1/config.json`)).lr, 0.01);

  const manifest = await Deno.readTextFile(`${data}/manifest.csv`);
  await Deno.writeTextFile(`${data}/changed.csv`, manifest.trimEnd().split("\n").slice(0, -1).join("\n"));
  const changed = config({ ...only, data: `${data}/changed.csv` });
  await rejects(collect(ablate(changed)), /3 that were trained differently, e\.g\. text_only-s1 \(data\)/);
});

Deno.test("seeds on other clips under equal paths are refused; an older ablation goes on", async () => {
  const own = await smallData();
  const given = (seeds: number[], changes = {}) =>
    config({
      ...{ data: `${own}/manifest.csv`, out: `${own}/outputs`, cache: `${own}/cache`, name: "clips", seeds },
      ...{ test: false, ...changes },
    });
  await collect(ablate(given([1])));
  const note = `${own}/outputs/clips/ablation.json`, { clips, ...older } = await read(note);
  deepEqual(Object.keys(clips), ["audio_only", "attention_pooling"]);
  deepEqual(Object.keys(clips.audio_only), ["train", "dev"]);
  equal((await collect(ablate(given([1], { test: true })))).at(-1)!.type, "result");
  const { rows, root } = await loadDataset(`${own}/manifest.csv`);
  const louder = async (split: string) => {
    const path = `${root}/${rows.find((row) => row.split === split)!.audio}`;
    await Deno.writeFile(path, Uint8Array.from([...await Deno.readFile(path), 0]));
  };
  await louder("test");
  await rejects(
    collect(ablate(given([1, 2], { test: true }))),
    /2 that were trained differently, e\.g\. audio_only-s1 \(data\)/,
  );
  deepEqual(trained(await collect(ablate(given([1])))), [], "test is not read");
  await louder("train");
  await rejects(
    collect(ablate(given([1, 2]))),
    /2 that were trained differently, e\.g\. audio_only-s1 \(data\)/,
  );
  await Deno.writeTextFile(note, JSON.stringify(older)); // of a version that kept no clips
  for (const { id } of cellsOf(given([1]), ["text_only", "audio_only"], "")) {
    await Deno.remove(`${own}/outputs/clips/${id}/cell.json`);
  }
  deepEqual(trained(await collect(ablate(given([1])))), []);
  await louder("train");
  deepEqual(trained(await collect(ablate(given([1]), { overwrite: true }))), [
    "audio_only-s1",
    "attention_pooling-s1",
  ]);
});

Deno.test("recipes name methods, variants and options; mistakes are refused before any work", async () => {
  const cells = (methods: AblateConfig["methods"]) => cellsOf(config({ methods }), ["text_only"], "out");
  const planned = cells({
    "memocmt-mean": { method: "memocmt", lr: 3e-4, options: { aggregation: "mean" } },
    gmu: {},
    text_only: { epochs: 4 },
  });
  deepEqual(planned.map(({ id }) => id), [
    "text_only-s1",
    "memocmt-mean-s1",
    "gated_multimodal_unit-s1",
    "text_only-s2",
    "memocmt-mean-s2",
    "gated_multimodal_unit-s2",
  ]);
  const [control, variant] = planned.map(({ config }) => config);
  deepEqual([control.epochs, control.audio, variant.epochs, variant.lr], [4, "none", 1, 3e-4]);
  deepEqual([variant.method, variant.options.aggregation, variant.options.heads], ["memocmt", "mean", 4]);

  throws(() => cells({ memocnt: {} }), /Did you mean memocmt\?/);
  throws(() => cells({ memocmt: { learning_rate: 1 } }), /known option.*recipe 'memocmt'/);
  throws(() => cells({ memocmt: { seed: 4 } }), /found 'seed'/);
  throws(() => cells({ memocmt: { options: { head: 2 } } }), /Did you mean options\.heads\?/);
  throws(() => cells({ "a/b": { method: "memocmt" } }), /a name of letters/);
  await rejects(
    collect(ablate(config({ methods: { memocnt: {} }, data: "nowhere" }))),
    /Did you mean memocmt/,
  );
  await rejects(collect(ablate(config({ audio: "none" }))), /audio for attention_pooling.*--audio=none/);

  const recipes = { memocmt: { lr: 1 }, text_only: { lr: 2 } };
  deepEqual(chooseMethods(undefined, recipes), recipes);
  deepEqual(chooseMethods(["fine_grained"], recipes), { text_only: { lr: 2 }, fine_grained: {} });
  equal(Object.keys(chooseMethods(undefined)).length, 9);
  deepEqual(chooseMethods(["all"], recipes).memocmt, { lr: 1 });
});

Deno.test("a published figure of another kind of target, and a pair of unknown recipes, are refused", async () => {
  const published = { source: "a paper", dev: { ccc: 0.5 } };
  await rejects(
    collect(ablate(config({ methods: { early_fusion: { published } } }))),
    /Expected a metric that the table shows but found 'ccc' at the published figures of 'early_fusion'/,
  );
  const compare = (...pair: string[]) => collect(ablate(config({ compare: [pair] })));
  await rejects(compare("attention_poling", "majority"), /at --compare\. Did you mean attention_pooling\?/);
  await rejects(compare("text_only", "text_only"), /Expected two recipes but found 'text_only' twice/);
});

Deno.test("a head from a notebook's cell is retrained, since its code may have changed", async () => {
  registerFusionMethod({ ...fusionMethod("early_fusion"), id: "of_a_cell" });
  const own = config({ name: "cell", seeds: [1], test: false, methods: { of_a_cell: {} } });
  await collect(ablate(own));
  await rejects(
    collect(ablate(own)),
    /1 that were trained differently, e\.g\. of_a_cell-s1 \('of_a_cell' is registered in a notebook's cell, .* --overwrite/,
  );
  deepEqual(trained(await collect(ablate(own, { overwrite: true }))), ["of_a_cell-s1"]);
});
