import { readSafetensors } from "../../files/safetensors.ts";
import { useEngine } from "../../compute/mod.ts";
import { clipOf, clipPath, loadDataset, readClip, rowsOf } from "../../data/mod.ts";
import { metrics } from "../../eval/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { fixture } from "../../testing/shared.ts";
import { infer } from "../infer.ts";
import { checkpointPath } from "../run_folder.ts";
import { explain } from "./explain.ts";
import { explanationFigures } from "./figures.ts";
import { windowsOf } from "./occlusion.ts";
import { writeContributions, writeExplanation } from "./page.ts";
import { modalityContributions } from "./split.ts";

await useEngine();
const frozen = fixture("runs/v0.1/frozen"), tuned = fixture("runs/v0.1/tuned");
const dataset = await loadDataset("sample"), { root } = dataset;
const dev = rowsOf(dataset, "dev"), [row] = dev, some = dev.slice(0, 6);
const near = (a: number, b: number, within = 1e-5) => ok(Math.abs(a - b) < within, `${a} and ${b}`);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const probabilities = async (run: string, given: Partial<typeof row>, readSound?: typeof readClip) => {
  const rows = [{ ...row, ...given }];
  return (await infer(run, { rows, root }, { readClip: readSound })).predictions[0].probabilities;
};
/** A softmax of the classifier's bias alone. */
async function ofBias(run: string): Promise<number[]> {
  const { tensors } = await readSafetensors(checkpointPath(run));
  const powers = Array.from(tensors["classifier.bias"].data as Float32Array, (x) => Math.exp(x));
  return powers.map((x) => x / sum(powers));
}

for (const [name, run] of [["frozen encoders", frozen], ["a text encoder in the model", tuned]]) {
  Deno.test(`${name}: an explanation agrees with infer, and with the head's answer to nothing`, async () => {
    const found = await explain(run, dataset, { row: row.id, window: 0.5 });
    const { attention, contributions, occlusion, words, label, prediction, notes } = found;
    const whole = await probabilities(run, {}), labels = Object.keys(whole);
    deepEqual(prediction.probabilities, whole);
    equal(label, prediction.predicted);

    const [read, heard] = [
      await probabilities(run, { audio: undefined }),
      await probabilities(run, { text: undefined }),
    ];
    const bias = await ofBias(run);
    contributions.forEach(({ label, answers: { none, text, audio, both }, ...shares }, i) => {
      equal(label, labels[i]);
      near(none, bias[i]); // attention pooling pools an absent modality to 0
      near(text, read[label]);
      near(audio, heard[label]);
      near(both, whole[label]);
      near(shares.text + shares.audio, both - none, 1e-12);
    });

    deepEqual(words.map(({ text }) => text), row.text!.split(/\s+/));
    near(sum(attention!.words!) + attention!.otherText!, 1);
    near(sum(attention!.times!.map(({ weight }) => weight)) + attention!.otherSound!, 1);
    attention!.times!.forEach(({ start, end }, i) => {
      near(start, 0.08 * i);
      near(end, 0.08 * (i + 1));
    });

    const [first, ...rest] = row.text!.split(/\s+/),
      short = await probabilities(run, { text: rest.join(" ") });
    near(occlusion.words![0], whole[label] - short[label]);
    equal(first, words[0].text);
    const { start, end } = occlusion.windows![1];
    const silenced = await probabilities(run, {}, async (path) => {
      const { samples } = await readClip(path);
      return clipOf(samples.fill(0, start * 16000, end * 16000));
    });
    near(occlusion.windows![1].weight, whole[label] - silenced[label]);
    const { samples } = await readClip(clipPath(root, row.audio!));
    deepEqual(found.samples, samples);
    match(
      notes.join("\n"),
      /Attention alone is no explanation: .* Rank correlation with occlusion: .* words, .* windows/,
    );
    equal(explanationFigures(found).length, 3);
  });
}

Deno.test("a row without a clip, another label, and states taken out", async () => {
  const rows = [{ ...row, audio: undefined, text: "Splendid" }];
  const found = await explain(frozen, { rows, root }, { label: "fear", by: "states" });
  equal(found.label, "fear");
  deepEqual([found.attention!.times, found.occlusion.windows, found.samples], [
    undefined,
    undefined,
    undefined,
  ]);
  const fear = found.contributions.find(({ label }) => label === "fear")!;
  near(found.occlusion.words![0], fear.answers.both - fear.answers.none); // the only word: nothing is left
  deepEqual(found.agreement, { words: { rho: null, n: 1 } });
  near(fear.audio, 0);
  equal(explanationFigures(found).length, 2);

  const whole = await explain(frozen, dataset, { row: row.id, by: "states", window: 100 });
  const own = whole.contributions.find(({ label }) => label === whole.label)!;
  near(whole.occlusion.windows![0].weight, own.answers.both - own.answers.text); // one window: all of the clip
});

Deno.test("a page of an explanation has its notes, its recording and its figures under headings", async () => {
  const path = `${await Deno.makeTempDir()}/page.html`;
  await writeExplanation(path, await explain(frozen, dataset, { row: row.id, by: "states" }), dataset);
  const html = await Deno.readTextFile(path);
  match(html, /<h1>Why \w+\?<\/h1>[^]*Attention alone is no explanation[^]*<audio controls/);
  deepEqual([...html.matchAll(/<h2[^>]*>([^<]+)</g)].map(([, title]) => title), [
    "Words and sound",
    "What text and speech add",
  ]);
  equal(html.match(/<figure class/g)!.length, 3);
});

Deno.test("what can't be explained is refused with a reason", async () => {
  await rejects(explain(frozen, dataset, { row: `${row.id}x` }), /Did you mean 'dev_0/);
  await rejects(explain(frozen, { rows: [], root }), /Expected a row to explain/);
  await rejects(
    explain(frozen, dataset, { row: row.id, label: "bliss" }),
    /found 'bliss' at the option label/,
  );
  await rejects(
    explain(frozen, dataset, { row: row.id, window: 0.001 }),
    /Choose windows of at least 0\.1 s/,
  );
  await rejects(
    explain(tuned, dataset, { row: row.id, by: "states" }),
    /Take words and sound out of the input/,
  );
  await rejects(explain(frozen, { rows: [{ id: "x", split: "dev" }], root }), /found only rows without it/);
});

Deno.test("windows cover a clip, and a short rest belongs to the last one", () => {
  deepEqual(windowsOf(0.69, 0.2), [{ start: 0, end: 0.2 }, { start: 0.2, end: 0.4 }, {
    start: 0.4,
    end: 0.69,
  }]);
  deepEqual(windowsOf(0.05, 0.2), [{ start: 0, end: 0.05 }]);
  equal(windowsOf(60, 0.2).length, 300);
});

Deno.test("over a split: the metric with and without each modality, and values that sum to the difference", async () => {
  const { rows, metric, labels, each } = await modalityContributions(frozen, { rows: some, root });
  equal(rows, 6);
  const scored = async (drop: Partial<typeof row>) => {
    const { predictions } = await infer(frozen, { rows: some.map((row) => ({ ...row, ...drop })), root });
    const classes = (of: "label" | "predicted") => predictions.map((p) => dataset.labels.indexOf(p[of]!));
    return metrics(classes("label"), classes("predicted"), dataset.labels).weighted_f1;
  };
  const { none, ...others } = metric.values;
  deepEqual(others, {
    text: await scored({ audio: undefined }),
    audio: await scored({ text: undefined }),
    both: await scored({}),
  });
  const { label, text, audio } = metric.contribution!;
  near(text + audio, others.both! - none!, 1e-12);
  equal(label, "weighted F1");
  equal(metric.id, "weighted_f1");
  equal(sum(labels.map(({ rows }) => rows)), 6);
  for (const { label, answers, text, audio } of labels) {
    near(text + audio, answers.both - answers.none, 1e-12);
    const own = some.flatMap((row, i) => row.label === label ? [each[i]] : []);
    const mean = sum(own.map(({ contributions }) => contributions.find((c) => c.label === label)!.text)) /
      own.length;
    near(mean, text, 1e-12);
  }
  const path = `${await Deno.makeTempDir()}/page.html`;
  await writeContributions(path, { rows, metric, labels, each, notes: [] }, {
    title: "on dev",
    percent: true,
  });
  match(await Deno.readTextFile(path), /<h1>on dev<\/h1>[^]*weighted F1[^]*text adds[^]*<figure/);
  const blind = some.map(({ label: _, ...row }) => row);
  await rejects(modalityContributions(frozen, { rows: blind, root }), /Expected rows with a target/);
});
