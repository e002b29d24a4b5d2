/**
 * `deno task test-notebooks`: runs the project's notebooks from top to bottom, with a real kernel, in a copy
 * of the project without outputs.
 */
import { deepEqual, equal, match, ok } from "../../lib/testing/assert.ts";
import { testWith } from "../../lib/testing/needs.ts";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { inProject } from "../../lib/mod.ts";
import { checkNotebook } from "./check.ts";
import { joined, type Notebook, type Output } from "./file.ts";
import { executeNotebook } from "./jupyter.ts";

const project = await copyOfProject();

/** A copy of the project with its own outputs. */
async function copyOfProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  for (const name of ["lib", "node_modules", "deno.json", "deno.lock", "package.json"]) {
    await Deno.symlink(inProject(name), join(folder, name));
  }
  await Deno.mkdir(join(folder, "notebooks"));
  return folder;
}

async function execute(name: string): Promise<Notebook> {
  const path = join(project, "notebooks", name);
  await Deno.copyFile(inProject(`notebooks/${name}`), path);
  const notebook = await executeNotebook(path, join(project, "executed", name));
  const written = JSON.stringify(outputsOf(notebook));
  ok(!written.includes('"output_type":"error"'));
  ok(!written.includes(project) && !written.includes(inProject("")), "no path of this machine");
  return notebook;
}

const outputsOf = ({ cells }: Notebook): Output[] => cells.flatMap(({ outputs = [] }) => outputs);
const bundles = (notebook: Notebook) => outputsOf(notebook).flatMap((o) => "data" in o ? [o.data] : []);

/** Returns the texts of tables and values, in the order of cells. */
const texts = (notebook: Notebook) =>
  bundles(notebook).map((data) => joined(data["text/plain"] as string | string[]));
const textOf = (notebook: Notebook, what: RegExp) => texts(notebook).find((text) => what.test(text))!;

/** Returns the numbers of a table's row. */
const numbers = (table: string, row: string) =>
  table.split("\n").find((line) => line.startsWith(row))!.match(/[\d.]+/g)!.map(Number);

/** Returns what the marks of each figure say. Each must have a picture beside it. */
function figures(notebook: Notebook): string[][] {
  return bundles(notebook).filter((data) => "image/png" in data).map((data) => {
    deepEqual([...Uint8Array.fromBase64(joined(data["image/png"] as string)).slice(1, 4)], [80, 78, 71]);
    const [, drawing] = /svg\+xml;base64,([^"]+)/.exec(joined(data["text/html"] as string))!;
    const svg = new TextDecoder().decode(Uint8Array.fromBase64(drawing));
    return [...svg.matchAll(/<title>([^<]*)<\/title>/g)].slice(1).map(([, says]) => says); // without the figure's
  });
}

/** Returns the counts of a confusion matrix, row by row. */
const countsOf = (confusion: string[]): number[] =>
  confusion.map((says) => Number(/([\d,]+) of [\d,]+ rows/.exec(says)![1].replaceAll(",", "")));

/** Returns the epochs of the first panel of curves. */
const epochsOf = (curves: string[]): number[] => [
  ...new Set(curves.map((says) => Number(/^epoch (\d+)/.exec(says)![1]))),
];

const sample = fileURLToPath(new URL("../../lib/data/sample/manifest.csv", import.meta.url));
const rows = parse(await Deno.readTextFile(sample), { columns: true }) as Record<string, string>[];
const count = (split: string, label?: string) =>
  rows.filter((row) => row.split === split && (!label || row.label === label)).length;

for (const { name } of Deno.readDirSync(inProject("notebooks"))) {
  if (!name.endsWith(".ipynb")) continue;
  testWith(
    "notebooks",
    `${name} has no syntax error, missing import or type error`,
    () => checkNotebook(inProject(`notebooks/${name}`)),
  );
}

testWith(["notebooks", "nbclient"], {
  name: "01_data counts the sample, plays and draws it",
  async fn() {
    const notebook = await execute("01_data.ipynb");
    const table = textOf(notebook, /^label/), splits = ["train", "dev", "test"];
    for (const label of ["neutral", "fear"]) {
      const counts = splits.map((split) => count(split, label));
      deepEqual(numbers(table, label), [...counts, counts.reduce((a, b) => a + b)]);
    }
    const [bars, ...spectra] = figures(notebook);
    const sum = (split: string) =>
      bars.reduce((all, says) => all + Number(new RegExp(`, ${split}: (\\d+) rows`).exec(says)?.[1] ?? 0), 0);
    deepEqual(splits.map(sum), splits.map((split) => count(split)));
    equal(spectra.length, 2);
    const players = bundles(notebook).filter((data) =>
      joined(data["text/html"] as string ?? "").includes("<audio controls")
    );
    equal(players.length, 2);
  },
});

testWith(["notebooks", "nbclient"], {
  name: "02_train trains in the background, shows the numbers of the run's files, stops and resumes",
  async fn() {
    const notebook = await execute("02_train.ipynb");
    const [before] = texts(notebook).filter((text) => /running|finished/.test(text));
    equal(before, '"running"', "the cell after the start did not wait");
    const read = async (run: string) =>
      JSON.parse(await Deno.readTextFile(join(project, "outputs", run, "metrics.json"))).dev.metrics;
    const metrics = await read("notebook"), percent = (share: number) => Number((100 * share).toFixed(1));
    const [accuracy, weighted] = numbers(textOf(notebook, /^dev\n/), "memocmt");
    deepEqual([accuracy, weighted], [percent(metrics.accuracy), percent(metrics.weighted_f1)]);

    const [curves, confusion, resumed] = figures(notebook);
    const { config } = await configOf("notebook");
    equal(epochsOf(curves).length, config.epochs, "the live curves end with the last epoch");
    const ended = (await configOf("notebook")).events.filter(({ type }) => type === "epoch");
    const frame = textOf(notebook, /^epoch +step +train_loss/).split("\n").slice(2);
    deepEqual(
      ended.map((_, i) => frame[i].trim().split(/ +/).slice(0, 3)),
      ended.map(({ epoch, step, trainLoss }) => [`${epoch + 1}`, `${step}`, trainLoss.toFixed(4)]),
    );
    deepEqual(countsOf(confusion), metrics.confusion.flat());
    equal(countsOf(confusion).reduce((sum, n) => sum + n), count("dev"));

    ok(texts(notebook).includes('"stopped: aborted"'));
    const whole = await configOf("notebook-stopped");
    deepEqual(whole.events.filter((e) => e.type === "stopped").map((e) => e.reason), ["aborted", "finished"]);
    const epochs = Array.from({ length: whole.config.epochs }, (_, i) => i + 1);
    deepEqual(epochsOf(resumed), epochs, "the resumed run's curves begin at epoch 1");
    match(textOf(notebook, /^utterance/), /We won!.*\n.*Get out.*\n/);
  },
});

/** Returns a run's configuration and the events of its training. */
async function configOf(run: string) {
  const read = (name: string) => Deno.readTextFile(join(project, "outputs", run, name));
  return {
    config: JSON.parse(await read("config.json")) as { epochs: number },
    events: (await read("events.jsonl")).trim().split("\n").map((line) => JSON.parse(line)),
  };
}

testWith(["notebooks", "nbclient"], {
  name: "03_ablate compares every method and seed with the controls, and reads test once",
  async fn() {
    const notebook = await execute("03_ablate.ipynb");
    const folder = join(project, "outputs", "notebook-ablation");
    const results = JSON.parse(await Deno.readTextFile(join(folder, "results.json")));
    const names = ["majority", "text_only", "audio_only", "attention_pooling", "memocmt"];
    deepEqual(results.systems.map(({ name }: { name: string }) => name), names);
    const percent = (share: number) => Number((100 * share).toFixed(1));
    const live = textOf(notebook, /weighted F1 on dev/), table = textOf(notebook, /mean ± deviation/);
    for (const { name, dev, test } of results.systems.slice(1)) {
      const { values, mean } = dev.weighted_f1;
      deepEqual(numbers(live, name), [...values, mean].map(percent), "the live table is whole at the end");
      const shown = numbers(table, name);
      deepEqual([shown[2], shown[10]], [percent(mean), percent(test.weighted_f1.mean)]);
    }
    const means = textOf(notebook, /weighted_f1_mean/);
    for (const { name, test } of results.systems) {
      deepEqual(numbers(means, name), [Number(test.weighted_f1.mean.toFixed(4))], "the frame's mean");
    }
    const run = JSON.parse(await Deno.readTextFile(join(folder, "memocmt-s1", "metrics.json")));
    equal(run.test.read.length, 1);
    const [bars, confusion] = figures(notebook);
    deepEqual(
      bars.map((says) => Number(/: ([\d.]+)/.exec(says)![1])),
      results.systems.map((s: { test: { weighted_f1: { mean: number } } }) =>
        percent(s.test.weighted_f1.mean)
      ),
    );
    equal(countsOf(confusion).reduce((sum, n) => sum + n), count("test"));
    const { systems } = JSON.parse(
      await Deno.readTextFile(join(project, "outputs", "notebook-folds", "results.json")),
    );
    const folds = textOf(notebook, /test rows of 3 folds together/);
    for (const { name, pooled } of systems) {
      equal(numbers(folds, name)[0], percent(pooled.metrics.accuracy.mean));
    }
    ok(numbers(textOf(notebook, /attention_pooling by fold/), "mean").includes(rows.length), "each row once");
  },
});

testWith(["notebooks", "nbclient"], {
  name: "04_explain shows attention, contributions, occlusion, errors and calibration of its run",
  async fn() {
    const notebook = await execute("04_explain.ipynb"), drawn = figures(notebook);
    equal(drawn.length, 9);
    const [words, sound, asks, , adds] = drawn;
    const shares = (says: string[]) =>
      says.flatMap((each) => /attention ([\d.]+) %/.exec(each)?.[1] ?? []).map(Number);
    for (const marks of [words, sound]) {
      const all = shares(marks);
      ok(all.length > 3 && Math.abs(all.reduce((a, b) => a + b) - 100) < 0.06 * all.length, `${all}`);
    }
    equal(
      words.filter((says) => /falls by/.test(says)).length,
      shares(words).length,
      "one bar for each word",
    );
    equal(new Set(asks.map((says) => says.split(", ")[0])).size, shares(words).length);

    const read = async (name: string) =>
      await Deno.readTextFile(join(project, "outputs", "notebook-explain", name));
    const { dev: { metrics } } = JSON.parse(await read("metrics.json"));
    const percent = (share: number) => Number((100 * share).toFixed(1));
    const split = textOf(notebook, /^dev, \d+ rows\n/), label = metrics.per_class[0].label;
    equal(numbers(split, "weighted F1")[4], percent(metrics.weighted_f1), "1 of the name, then both");
    const answers = parse(await read("predictions.dev.csv"), { columns: true }) as Record<string, string>[];
    const own = answers.filter((row) => row.label === label);
    const mean = own.reduce((sum, row) => sum + Number(row[`p_${label}`]), 0) / own.length;
    ok(Math.abs(numbers(split, label)[3] - 100 * mean) < 0.051);
    equal(adds.length, metrics.per_class.length);

    const wrong = answers.filter((row) => row.label !== row.predicted)
      .sort((a, b) => Number(b[`p_${b.predicted}`]) - Number(a[`p_${a.predicted}`]));
    const shown = textOf(notebook, /taken for/).split("\n");
    deepEqual(
      shown,
      wrong.slice(0, 3).map(({ id, text, label, predicted }) =>
        `${id}: "${text}" is ${label}, taken for ${predicted}`
      ),
    );
    const pages = bundles(notebook).map((data) => joined(data["text/html"] as string ?? ""));
    equal(pages.join("").match(/<audio controls/g)!.length, 4);
    const printed = outputsOf(notebook).flatMap((output) => "text" in output ? joined(output.text) : []).join(
      "",
    );
    match(
      printed,
      /Attention alone is no explanation: .* Rank correlation with occlusion: .* words, .* windows/,
    );
    match(printed, /Sets at 90 %: [\d.]+ % hold the true class/);
    match(textOf(notebook, /^dev\n +temperature/), /after scaling/);
  },
});

testWith(["notebooks", "nbclient"], {
  name: "05_your_recording predicts segments of speech, draws them, and writes the same ones",
  async fn() {
    const notebook = await execute("05_your_recording.ipynb");
    const printed = outputsOf(notebook).flatMap((output) => "text" in output ? joined(output.text) : []).join(
      "",
    );
    const told = [...printed.matchAll(/^([\d.]+) to ([\d.]+) s: (.+)$/gm)].map(([, ...words]) => words);
    ok(told.length >= 6, printed);
    const file = await Deno.readTextFile(join(project, "outputs/notebook-recording/timeline.csv"));
    const written = parse(file, { columns: true }) as Record<string, string>[];
    deepEqual(
      written.map(({ start, end, predicted, note }) => [
        Number(start).toFixed(2),
        Number(end).toFixed(2),
        predicted || note,
      ]),
      told,
    );
    const [timeline] = figures(notebook), spans = timeline.map((says) => says.split("\n")[0]);
    equal(new Set(spans).size, written.filter(({ predicted }) => predicted).length);
  },
});

testWith(["notebooks", "nbclient"], {
  name: "06_your_own_method checks a method of one cell, and compares it with its own loss and metric",
  async fn() {
    const notebook = await execute("06_your_own_method.ipynb");
    const sources = notebook.cells.map(({ source }) => joined(source));
    const head = sources.find((source) => source.includes("registerFusionMethod({"))!;
    ok(head.split("\n").length <= 25, "the head is a cell of 25 lines");
    const printed = outputsOf(notebook).flatMap((output) => "text" in output ? joined(output.text) : []);
    const checks = printed[0].trim().split("\n");
    equal(checks.length, 12);
    for (const check of checks) match(check, /^✓ /);

    const folder = join(project, "outputs", "notebook-own");
    const results = JSON.parse(await Deno.readTextFile(join(folder, "results.json")));
    const names = [
      "majority",
      "text_only",
      "audio_only",
      "attention_pooling",
      "agreement",
      "agreement_poly1",
    ];
    deepEqual(results.systems.map(({ name }: { name: string }) => name), names);
    const percent = (share: number) => Number((100 * share).toFixed(1));
    const [title, ...rest] = textOf(notebook, /mean ± deviation over 3 seeds/).split("\n");
    match(title, /mean ± deviation/);
    const blocks = rest.join("\n").trim().split("\n\n"); // a wide table has several
    const shown = blocks.flatMap((block) => block.split("\n")[0].trim().split(/ {2,}/));
    match(shown.join(), /dev top-2 acc\..*test top-2 acc\./);
    for (const { name, dev, test } of results.systems.slice(1, 5)) {
      const row = blocks.flatMap((block) => numbers(block, name)); // mean and deviation of each column
      const mean = (column: string) => row[2 * shown.indexOf(column)];
      deepEqual(
        [mean("dev weighted F1"), mean("dev top-2 acc."), mean("test top-2 acc.")],
        [dev.weighted_f1, dev.top2_accuracy, test.top2_accuracy].map(({ mean }) => percent(mean)),
      );
    }
    match(blocks.join("\n"), /^majority .*–.*$/m, "no probabilities, no top-2 accuracy");

    const run = join(folder, "agreement_poly1-s2");
    const { loss, method, use } = JSON.parse(await Deno.readTextFile(join(run, "config.json")));
    deepEqual([loss, method, use], ["poly1", "agreement", []]);
    const answers = parse(await Deno.readTextFile(join(run, "predictions.dev.csv")), { columns: true });
    const hits = (answers as Record<string, string>[]).filter((row) => {
      const likelier = Object.entries(row).filter(([key, p]) =>
        key.startsWith("p_") && Number(p) > Number(row[`p_${row.label}`])
      );
      return likelier.length < 2;
    });
    equal(results.systems[5].dev.top2_accuracy.values[1], hits.length / answers.length);
    equal(figures(notebook).length, 1);
  },
});
