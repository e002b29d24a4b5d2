import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { openTab } from "../../testing/browser.ts";
import { testWith } from "../../testing/needs.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { csvText } from "../../files/mod.ts";
import { metricNamed, metricsOf, metricsOfOutcomes, vectorOutcomes } from "../../eval/mod.ts";
import { finished, writeFiles } from "../runs/testing.ts";
import type { PairedTest } from "./pairs.ts";
import { pairsSection } from "./pairs_section.ts";
import { reportOf } from "./several.ts";
import { writeRunsReport } from "./write.ts";

const out = await Deno.makeTempDir({ prefix: "undertone-report" });
addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));

const LABELS = ["joy", "anger", "<sad>"];
const truth = (i: number) => i % 3;
/** A model that is right but for every `step`-th row. */
const predicted = (i: number, step: number) => i % step ? truth(i) : (truth(i) + 1) % 3;

/** Writes the files of a run with answers to 30 dev rows of six speakers. */
async function writeRun(name: string, step: number, changes: Record<string, unknown> = {}, from = 0) {
  const rows = Array.from({ length: 30 }, (_, i) => i);
  const confusion = LABELS.map((_, t) =>
    LABELS.map((_, p) => rows.filter((i) => truth(i) === t && predicted(i, step) === p).length)
  );
  const files = finished({ method: "memocmt", seed: step, ...changes });
  const steps = rows.map((i) => ({
    type: "step",
    epoch: 0,
    step: i + 1,
    loss: 1,
    lr: i / 1000,
    gradientNorm: 30 - i,
  }));
  await writeFiles(`${out}/${name}`, {
    ...files,
    "events.jsonl": [...steps, ...files["events.jsonl"].map((event) => ({ trainLoss: 1, ...event }))],
    "metrics.json": { dev: { metrics: metricsOf(confusion, LABELS), read: [], chosen_by: "macro_f1" } },
    "predictions.dev.csv": csvText([
      ["id", "text", "audio", "label", "predicted", ...LABELS.map((label) => `p_${label}`), "speaker"],
      ...rows.map((i) => {
        const answer = predicted(i, step), p = 0.5 + (i % 5) / 12;
        const shares = LABELS.map((_, c) => c === answer ? p : (1 - p) / 2);
        const label = LABELS[truth(i)];
        return [`r${i + from}`, `said ${i} | <b>`, "", label, LABELS[answer], ...shares, `s${i % 6}`];
      }),
    ]),
    "rejected.csv": csvText([["id", "at", "reason"], ["x1", "rows.csv line 3", "clip missing: x.wav"]]),
    "data.json": {
      name: "rows",
      source: "my/rows.csv",
      root: out,
      target: "class",
      labels: LABELS,
      rows: { train: 60, dev: 30, test: 9 },
      counts: { train: { joy: 20, anger: 20, "<sad>": 20 }, dev: { joy: 10, anger: 10, "<sad>": 10 } },
      notes: ["The text of 2 rows was repaired."],
    },
  });
}

await writeRun("first", 5);
await writeRun("second", 2, { lr: 0.01 });
await writeRun("third", 7, { method: "text_only", audio: "none" });
await writeRun("others", 5, {}, 3);
const runs = ["first", "second", "third"];

Deno.test("the Markdown of three runs has every part, and its figures lie beside it", async () => {
  const { markdown, figures } = await writeRunsReport(runs, { out });
  const text = await Deno.readTextFile(markdown);
  deepEqual([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title), [
    "Result on dev",
    "What differs",
    "Learning curves",
    "Paired tests on dev",
    "Confusion on dev",
    "Each class on dev",
    "How sure the models are on dev",
    "Most confident errors of first on dev",
    "Most confident errors of second on dev",
    "Most confident errors of third on dev",
    "Data",
    "How to repeat it",
  ]);
  match(text, /^\| lr +\| 0\.001 +\| 0\.01 +\| 0\.001 +\|$/m);
  match(text, /^\| first +\| second +\|.*\| +\d\.\d{3} \| +\d\.\d{3} \|$/m);
  match(text, /bootstrap over 6 speakers/);
  match(text, /^deno task train --data=my\/rows\.csv --method=memocmt .*--name=second-again$/m);
  match(text, /said 0 \\\| \\<b\\>/);
  match(text, /The text of 2 rows was repaired/);
  match(text, /clip missing: x\.wav/);
  const shown = [...text.matchAll(/!\[[^\n]*\]\(<report-figures\/([^>]*)>\)/g)].map(([, name]) => name);
  deepEqual(shown.sort(), [...Deno.readDirSync(figures)].map(({ name }) => name).sort());
  equal(new Set(shown).size, 11); // 2 of curves, 3 matrices, 2 differences, 3 of reliability, errors by confidence
});

Deno.test("runs whose rows differ are not paired, and the report says which", async () => {
  const { markdown } = await writeRunsReport(["first", "others"], { out, to: `${out}/two.html` });
  const text = (await Deno.readTextFile(markdown)).replaceAll(/\n> /g, " ");
  match(
    text,
    /first and others can't be paired on dev: 3 rows are in first alone, e\.g\. 'r0'; 3 rows are in others alone/,
  );
  equal(text.includes("McNemar"), false);
});

Deno.test("pairs on other data have tables of their own, with their own number of rows", () => {
  const pair = { only_a_right: 3, only_b_right: 1, p: 0.6, p_holm: 1 };
  const { tables = [] } = pairsSection({
    split: "dev",
    tests: [],
    counts: [{ a: "a", b: "b", n: 30, ...pair }, { a: "c", b: "d", n: 1, ...pair }],
    refused: [],
  });
  deepEqual(tables.map(({ title, rows }) => [title, rows[0][0]]), [
    ["Accuracy: McNemar's exact test over 30 rows", "a"],
    ["Accuracy: McNemar's exact test over 1 row", "c"],
  ]);
});

Deno.test("the page says if many runs are compared with the first one alone", () => {
  const test = { a: "a", b: "b", by: "row", units: 30, delta: 0.1, interval_95: [0, 0.2], p: 0.6, p_holm: 1 };
  const tests = [{ ...test, metric: metricNamed("macro_f1", "the test") }] as PairedTest[];
  const said = (first?: string) =>
    pairsSection({ split: "dev", first, tests, counts: [], refused: [] }).texts![0];
  match(said("a"), /^These are many runs, so each is compared with a alone\. A pair is scored on the same/);
  match(said(), /^Each pair of runs is scored on the same/);
});

Deno.test("a run of an earlier version is shown with what it lacks, and a damaged result is told", async () => {
  const { notes } = await writeRunsReport([fixture("runs/v0.1/frozen")], { out, to: `${out}/old.html` });
  deepEqual(notes, [
    "It does not keep the counts and notes of its data: it was trained by an earlier version.",
  ]);
  await writeFiles(`${out}/damaged`, finished({ seed: 9 })); // its metrics have no confusion matrix
  const both = await writeRunsReport(["first", "damaged"], { out, to: `${out}/damaged.html` });
  ok(both.notes.includes("damaged: Its result on dev can't be read."), `${both.notes}`);
});

Deno.test("answers, results and lists that are damaged are left out, and the report says why", async () => {
  const cases: [file: string, change: (text: string) => string, note: RegExp][] = [
    [
      "predictions.dev.csv",
      (text) => text.replace(/0\.\d+/, ""),
      /answers on dev can't be read: .*'' in the column/,
    ],
    [
      "predictions.dev.csv",
      (text) => text.replace(/0\.\d+/, "NaN"),
      /'NaN' in the column 'p_joy' of the row 'r0'/,
    ],
    ["predictions.dev.csv", (text) => text.replace(/0\.\d+/, "7"), /'7' in the column/],
    ["predictions.dev.csv", (text) => text.replace(",joy,", ",bliss,"), /the label 'bliss' of the row 'r0'/],
    ["predictions.dev.csv", (text) => text.slice(0, 300), /a broken one \(Invalid Record Length/],
    [
      "predictions.dev.csv",
      (text) => text.split("\n").slice(0, 9).join("\n"),
      /found 8 rows, not the 30 of the result/,
    ],
    ["metrics.json", () => "null", /results can't be read: .*found something else at .*metrics\.json/],
    ["metrics.json", () => '{"dev": null}', /results can't be read/],
    ["rejected.csv", () => 'id,at,reason\n"a', /list of rows without use can't be read/],
    ["events.jsonl", () => 'null\n5\n{"type":"epoch"}\n{"type":"started"}\n', /no record of its training/],
  ];
  for (const [i, [file, change, note]] of cases.entries()) {
    const name = `hurt-${i}`, path = `${out}/${name}/${file}`;
    await writeRun(name, 5);
    await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
    const { notes } = await reportOf(["first", name], { out });
    ok(notes!.some((each) => each.startsWith(name) && note.test(each)), `${file}: ${notes!.join(" | ")}`);
  }
});

Deno.test("a run without a readable configuration is described by its checkpoint", async () => {
  const frozen = `${out}/lost`;
  for (const file of ["metrics.json", "events.jsonl", "checkpoints/best.safetensors"]) {
    await writeFiles(frozen, { [file]: "" });
    await Deno.copyFile(fixture(`runs/v0.1/frozen/${file}`), `${frozen}/${file}`);
  }
  await writeFiles(frozen, { "config.json": '{"data":' });
  const { subtitle } = await reportOf(["lost"], { out });
  const { method } = jsonFixture("runs/v0.1/frozen/config.json");
  match(subtitle!, new RegExp(`^${method} on manifest`));
});

Deno.test("a report replaces nothing but an earlier report", async () => {
  const at = `${out}/places`, to = `${at}/notes.html`;
  await writeFiles(at, { "notes.md": "mine" });
  await rejects(writeRunsReport(["first"], { out, to }), /found something else at .*notes\.md/);
  await Deno.remove(`${at}/notes.md`);
  await writeFiles(at, { "notes-figures/mine.svg": "mine" });
  await rejects(writeRunsReport(["first"], { out, to }), /found something else at .*notes-figures/);
  await Deno.remove(`${at}/notes-figures`, { recursive: true });
  await writeFiles(at, { "notes.html": "<p>mine</p>" });
  await rejects(writeRunsReport(["first"], { out, to }), /found something else at .*notes\.html/);
  await Deno.remove(to);
  for (let i = 0; i < 2; i++) await writeRunsReport(["first"], { out, to });
  const ours = await Deno.readTextFile(`${at}/notes.md`);
  await writeFiles(at, { "notes.md": "mine" });
  await rejects(writeRunsReport(["first"], { out, to }), /found something else at .*notes\.md/);
  await writeFiles(at, { "notes.md": ours });
  await writeFiles(at, { "notes-figures/mine.txt": "mine" });
  await rejects(writeRunsReport(["first"], { out, to }), /found something else at .*notes-figures/);
  equal(await Deno.readTextFile(`${at}/notes-figures/mine.txt`), "mine");
});

Deno.test("runs of other kinds of target are shown as far as it goes, and pair only with their kind", async () => {
  for (const [name, by] of [["calm", 0.1], ["wild", 0.3]] as const) {
    const truth = Array.from({ length: 12 }, (_, i) => i / 10 - 0.6),
      rows = truth.map((value, i) => [value + by * (i % 3)]);
    const metrics = metricsOfOutcomes(
      vectorOutcomes("values", truth.map((value) => [value]), rows, ["valence"]),
    );
    await writeFiles(`${out}/${name}`, {
      ...finished({ target: "values", loss: "ccc", select: "ccc" }),
      "metrics.json": { dev: { metrics, read: [] } },
      "predictions.dev.csv": csvText([
        ["id", "text", "audio", "value:valence", "predicted:valence"],
        ...rows.map(([value], i) => [`v${i}`, "", "", truth[i], value]),
      ]),
    });
  }
  const { markdown } = await writeRunsReport(["calm", "wild", "first"], { out, to: `${out}/kinds.html` });
  const text = (await Deno.readTextFile(markdown)).replaceAll(/\n> /g, " ");
  match(text, /^\| \*\*calm\*\* +\| \*\*wild\*\* +\|/m);
  match(text, /Difference of CCC: bootstrap over 12 rows/);
  match(
    text,
    /calm and first can't be paired on dev: the targets of one are values, those of the other classes/,
  );
  ok(!text.includes("NaN") && !text.includes("undefined"));
});

Deno.test("an ablation, a run given twice and a page of another kind are refused", async () => {
  await writeFiles(`${out}/grid`, {
    "ablation.json": { config: { data: "a.csv", methods: {}, seeds: [1] } },
  });
  await rejects(writeRunsReport(["grid"], { out }), /found 'grid', which holds several runs/);
  for (const again of [`${out}/first`, "./first/"]) {
    await rejects(writeRunsReport(["first", again], { out }), /twice at --run/);
  }
  await rejects(writeRunsReport(["first"], { out, to: `${out}/x.pdf` }), /Write .*x\.pdf\.html\./);
});

testWith(
  ["Chromium", "time"],
  "the page of three runs is accessible, wide in light and narrow in dark, and scrolls by keyboard",
  async () => {
    const { html } = await writeRunsReport(runs, { out });
    const axe = await Deno.readTextFile(new URL(import.meta.resolve("axe-core/axe.min.js")));
    await using tab = await openTab();
    for (const [width, dark] of [[1280, false], [390, true]] as const) {
      await tab.screen({ width, height: 800, dark });
      await tab.open(`file://${html}`);
      await tab.evaluate(axe);
      const found = await tab.evaluate<{ id: string; impact: string; nodes: string[] }[]>(
        "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => " +
          "({ id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)) })))",
      );
      const serious = found.filter(({ impact }) => impact === "serious" || impact === "critical");
      deepEqual(serious, [], `${width} px, ${dark ? "dark" : "light"}`);
      const [content, window] = await tab.evaluate<number[]>(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
      );
      ok(content <= window, `${content} px of content in ${window} px`);
    }
    // At 390 px tables are wider than the page: the hint shows, and Tab and an arrow key reach their ends.
    const hints = "[...document.querySelectorAll('.scroll.more + .hint')]" +
      ".filter((hint) => getComputedStyle(hint).display !== 'none').length";
    ok(await tab.evaluate<number>(hints) > 0, "no hint is shown");
    let reached = false;
    for (let i = 0; i < 60 && !reached; i++) {
      await tab.press("Tab");
      reached = await tab.evaluate("document.activeElement.matches('.scroll.more')");
    }
    ok(reached, "Tab reaches no area that scrolls");
    for (let i = 0; i < 3; i++) await tab.press("ArrowRight");
    const moved = "new Promise((done) => setTimeout(() => done(document.activeElement.scrollLeft), 400))";
    ok(await tab.evaluate<number>(moved) > 0, "the arrow key does not scroll");
  },
);
