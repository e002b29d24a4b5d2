/**
 * Uses a user's module from training to export, through `--use` alone. This file registers nothing itself.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deepEqual, equal, match, ok } from "../lib/testing/assert.ts";
import { readSafetensors } from "../lib/files/mod.ts";
import { resumeRun, runFolder, trainRun } from "../lib/jobs/mod.ts";
import { collect, smallConfig, smallData } from "../lib/jobs/testing.ts";
import { captured as run } from "./cli/testing.ts";
import { task as ablate } from "./ablate.ts";
import { task as evaluate } from "./evaluate.ts";
import { task as exporting } from "./export.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const MODULE = `
import { type ClassOutcomes, registerFusionMethod, registerLoss, registerMetric } from "@undertone/undertone";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { linearInit, linearLayer, maskedMean } from "@undertone/undertone/nn";
import { smallest } from "../parts/smallest.ts";

registerFusionMethod({
  id: "difference",
  summary: "A linear layer on each mean state, subtracted.",
  modalities: ["text", "audio"],
  options: z.strictObject({ scale: z.number().default(1).describe("Times the voice.") }),
  init: (_, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "read", text, classes),
    ...linearInit(seed, "heard", audio, classes),
  }),
  apply(params, { text, textMask, audio, audioMask }, { scale }) {
    const read = linearLayer(params, "read", maskedMean(text, textMask));
    const heard = linearLayer(params, "heard", maskedMean(audio, audioMask));
    return { logits: tf.sub(read, tf.mul(heard, scale)) };
  },
});

registerLoss({
  id: "brier",
  summary: "squared distance of the probabilities to the target",
  targets: ["class"],
  apply: (logits, { targets }) => tf.sum(tf.squaredDifference(tf.softmax(logits), targets)),
});

registerMetric({
  id: "worst_recall",
  label: "worst recall",
  targets: ["class"],
  higherIsBetter: true,
  compute: (outcomes) => smallest((outcomes as ClassOutcomes).confusion),
});
`;

const PART = `
/** Returns the lowest recall of the classes that occur. */
export const smallest = (confusion: readonly ArrayLike<number>[]): number =>
  Math.min(...confusion.map((row, c) => row[c] / Array.from(row).reduce((a, b) => a + b)).filter(Number.isFinite));
`;

const folder = await smallData({ train: 20, dev: 8, test: 8 });
const mine = join(folder, "my heads/difference.ts"), part = join(folder, "parts/smallest.ts");
await Deno.mkdir(join(folder, "my heads"));
await Deno.mkdir(join(folder, "parts"));
await Deno.writeTextFile(mine, MODULE);
await Deno.writeTextFile(part, PART);

const places = [
  ...["--data", `${folder}/manifest.csv`, "--audio=log-mel"],
  ...[`--out=${folder}/outputs`, `--cache=${folder}/cache`],
];
const own = ["--method=difference", "--loss=brier", "--select=worst_recall", "--options.scale=0.5"];
const path = `${folder}/outputs/own`,
  files = runFolder(path),
  copy = `${path}/modules/1/my heads/difference.ts`;
const json = async (file: string) => JSON.parse(await Deno.readTextFile(file));

/** Runs a task as a user types it, in its own process. */
async function typed(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

/** Returns a changed copy of the module, as if edited after a run. */
async function edited(): Promise<string> {
  const elsewhere = await Deno.makeTempDir();
  await Deno.mkdir(`${elsewhere}/parts`);
  await Deno.mkdir(`${elsewhere}/heads`);
  await Deno.writeTextFile(`${elsewhere}/parts/smallest.ts`, PART + "// A later thought.\n");
  await Deno.writeTextFile(`${elsewhere}/heads/difference.ts`, MODULE);
  return `${elsewhere}/heads/difference.ts`;
}

let sha256 = "";

Deno.test("a head, a loss and a metric from one file train; the run saves path, hash and a copy", async () => {
  const { code, out, err } = await typed(
    ...["train", "--use", mine, ...own, ...places, "--name=own", "--epochs=2", "--batch-size=4", "--json"],
  );
  equal(code, 0, err);
  match(err, /worst recall/);
  ok(err.includes(`task evaluate --run ${path} --use '["${mine}"]' --split test`), err);
  const { metrics } = JSON.parse(out);
  const recalls = metrics.confusion.flatMap((row: number[], c: number) => {
    const all = row.reduce((a, b) => a + b);
    return all ? [row[c] / all] : [];
  });
  equal(metrics.worst_recall, Math.min(...recalls));
  const config = await json(files.config);
  deepEqual(
    [config.use, config.method, config.loss, config.select],
    [[mine], "difference", "brier", "worst_recall"],
  );
  equal(await Deno.readTextFile(copy), MODULE);
  equal(await Deno.readTextFile(`${path}/modules/1/parts/smallest.ts`), PART);
  const { metadata } = await readSafetensors(files.best);
  const [kept, ...others] = JSON.parse(metadata.modules);
  deepEqual([kept.path, others], [mine, []]);
  sha256 = kept.sha256;
  match(sha256, /^[0-9a-f]{64}$/);
  for (const line of (await Deno.readTextFile(files.events)).trim().split("\n").map((l) => JSON.parse(l))) {
    if (line.type === "epoch") equal(typeof line.dev.worst_recall, "number");
  }
  match(await Deno.readTextFile(files.report), /worst recall/);
});

Deno.test("an unregistered part is refused with its module, its hash and the flag to add", async () => {
  const cases: [Parameters<typeof run>[0], string[]][] = [
    [infer, ["--checkpoint", path, "--text=hello"]],
    [evaluate, ["--run", path]],
    [exporting, ["--checkpoint", path, `--to=${folder}/never.onnx`]],
    [train, ["--resume", path, "--epochs=3"]],
  ];
  for (const [task, args] of cases) {
    const { code, out, err } = await run(task, ...args);
    deepEqual([code, out, err.length], [2, [], 1], err.join("\n"));
    match(err[0], /^Expected the fusion method 'difference'/);
    ok(err[0].includes(`, registered by ${mine} (SHA-256 ${sha256}) but found nothing registered`), err[0]);
    ok(
      err[0].includes(`read it, then type --use '["${copy}"]' (in a notebook { use: ["${copy}"] })`),
      err[0],
    );
  }
  const { err } = await run(train, "--resume", path, "--epochs=3");
  match(err[0], /'difference' and the loss 'brier' and the metric 'worst_recall', registered by /);
  await Deno.rename(`${path}/modules`, `${path}/gone`);
  const { err: [withoutCopy] } = await run(infer, "--checkpoint", path, "--text=hello");
  await Deno.rename(`${path}/gone`, `${path}/modules`);
  ok(withoutCopy.includes(`then type --use '["${mine}"]'`), withoutCopy);
});

Deno.test("a changed module is reported, and a run does not resume with it", async () => {
  const other = await edited();
  const answered = await typed("infer", "--checkpoint", path, "--text=hello", "--use", other);
  equal(answered.code, 0, answered.err);
  match(answered.out, /predicted/);
  const trained = `Trained with ${mine} (SHA-256 ${sha256}); ${other} is another version (`;
  ok(answered.err.startsWith(`note: ${trained}`), answered.err);
  const resumed = await typed("train", "--resume", path, "--epochs=3", "--use", other);
  equal(resumed.code, 2);
  const refusal =
    `Expected ${mine} (SHA-256 ${sha256}), to resume to the same bytes, but found ${other} (SHA-256 `;
  ok(resumed.err.startsWith(refusal), resumed.err);
  match(resumed.err, /Instead, type --use .*modules\/1\/my heads\/difference\.ts/);
});

/** Returns the words after --use in an error's advice, as a shell reads them. */
const advised = (error: string) => /--use '(\[.*?\])'/.exec(error)![1];

Deno.test("following the error's advice works for infer, evaluate, export and resume", async () => {
  const { err: [refused] } = await run(infer, "--checkpoint", path, "--text=hello");
  const use = ["--use", advised(refused)];
  const inferred = await run(infer, "--checkpoint", path, "--n_samples=2", ...use, "--json");
  equal(inferred.code, 0);
  ok(!inferred.err.join().includes("embedded sample"), inferred.err.join("\n"));
  const evaluated = await run(evaluate, "--run", path, "--split=test", ...use, "--json");
  equal(evaluated.code, 0);
  ok(!evaluated.err.join().includes("Trained with"), "the copy is the module");
  match(evaluated.err.join("\n"), /worst recall/);
  equal(typeof JSON.parse(evaluated.out.at(-1)!).metrics.worst_recall, "number");
  const exported = await run(exporting, "--checkpoint", path, `--to=${folder}/own.onnx`, ...use, "--json");
  equal(exported.code, 0, exported.err.join("\n"));
  const { check, about } = JSON.parse(exported.out.at(-1)!);
  equal(about.method, "difference");
  ok(check.answers > 8 && check.difference < 1e-4, `compared with ONNX Runtime: ${check.difference}`);
  equal((await run(train, "--resume", path, "--epochs=3", ...use)).code, 0);
});

Deno.test("a finished run needs no code to say that it is finished, and its advice names the code", async () => {
  const { code, err: refused } = await typed("train", "--resume", path);
  equal(code, 2, refused);
  ok(refused.includes(`found one that finished 3 of its 3 epochs at ${path}.`), refused);
  const [, epochs, resumed, evaluated] =
    /--resume \S+ --epochs (\d+) --use '(\[.*?\])', or .* --run \S+ --use '(\[.*?\])'$/.exec(refused.trim())!;
  deepEqual(JSON.parse(resumed), [copy]);
  equal((await typed("evaluate", "--run", path, "--use", evaluated)).code, 0);
  const further = await typed("train", "--resume", path, "--epochs", epochs, "--use", resumed);
  equal(further.code, 0, further.err);
});

Deno.test("a stopped run resumes to the same bytes", async () => {
  const config = (name: string) =>
    smallConfig(folder, { name, use: [mine], method: "difference", loss: "brier", select: "worst_recall" });
  await collect(trainRun(config("unbroken"), { controls: false }));
  const stop = new AbortController();
  for await (const event of trainRun(config("broken"), { controls: false, signal: stop.signal })) {
    if (event.type === "step" && event.step === 7) stop.abort(); // in the second epoch
  }
  await collect(resumeRun(`${folder}/outputs/broken`, { controls: false, use: [mine] }));
  const [whole, resumed] = await Promise.all(["unbroken", "broken"].map(async (name) => {
    const { tensors, metadata } = await readSafetensors(runFolder(`${folder}/outputs/${name}`).last);
    const about: Record<string, string> = { ...metadata };
    return { tensors, metadata: { ...about, sha256: "", config: about.config.replace(`"${name}"`, '""') } };
  }));
  deepEqual(resumed, whole);
  match((whole.metadata as Record<string, string>).modules, new RegExp(sha256));
});

Deno.test("an ablation reports the head and the metric, also in JSON and CSV, and notices a changed module", async () => {
  const args = [
    ...["--methods=difference,attention_pooling", "--seeds=2", "--epochs=1", "--name=study", "--loss=brier"],
    ...["--select=worst_recall", ...places],
  ];
  const { code, out, err } = await run(ablate, "--use", mine, ...args, "--json");
  equal(code, 0, err.join("\n"));
  match(err.join("\n"), /dev worst recall[^]*test worst recall/);
  const results = JSON.parse(out.at(-1)!);
  const names = ["majority", "text_only", "audio_only", "difference", "attention_pooling"];
  deepEqual(results.systems.map(({ name }: { name: string }) => name), names);
  const { dev } = results.systems[3],
    cells = [1, 2].map((seed) => `${folder}/outputs/study/difference-s${seed}`);
  const ofRuns = await Promise.all(cells.map((cell) => json(`${cell}/metrics.json`)));
  deepEqual(dev.worst_recall.values, ofRuns.map((run) => run.dev.metrics.worst_recall));
  match(await Deno.readTextFile(`${folder}/outputs/study/results.csv`), /worst_recall/);
  equal(await Deno.readTextFile(`${cells[1]}/modules/1/parts/smallest.ts`), PART);

  const again = await run(ablate, "--use", mine, ...args);
  equal(again.code, 0, "what is trained is not trained again");
  const changed = await typed("ablate", "--use", await edited(), ...args);
  equal(changed.code, 2);
  match(
    changed.err,
    /^Expected cells of this configuration but found 8 that were trained differently, e\.g\. /m,
  );
  match(changed.err, /text_only-s1 \(.*heads\/difference\.ts\) .* --overwrite/);
});

Deno.test("encode and data import the module too; every task refuses a missing one", async () => {
  const [data, encode] = await Promise.all([
    typed("data", "--use", mine, "--data", `${folder}/manifest.csv`),
    typed("encode", "--use", mine, ...places.filter((arg) => !arg.startsWith("--out"))),
  ]);
  deepEqual([data.code, encode.code], [0, 0], data.err + encode.err);
  const nowhere = ["--use", `${folder}/nowhere.ts`];
  for (const task of [train, ablate, infer, evaluate, exporting]) {
    const needed = task === infer || task === evaluate || task === exporting
      ? ["--checkpoint", path]
      : places;
    const more = task === infer ? ["--text=x"] : task === exporting ? [`--to=${folder}/x.onnx`] : [];
    const { code, err } = await run(task, ...needed, ...more, ...nowhere);
    equal(code, 2);
    match(err.at(-1)!, /found no file at .*nowhere\.ts\. Check the path\.$/);
  }
});

Deno.test("a run whose data only the user's source reads says which module it needs, and what to type", async () => {
  const module = join(folder, "corpora.ts"), data = join(folder, "mine"), name = `${folder}/outputs/sourced`;
  const entry = (id: string, recognise: string) =>
    `registerDataSource({
    id: "${id}", name: "lines", summary: "a folder of lines",
    recognise: ${recognise},
    read: async (path) => ({
      root: path,
      candidates: (await Deno.readTextFile("${data}/rows.lines")).trim().split("\\n").map((line, i) => {
        const [split, label, text] = line.split(" ");
        return { at: "line " + i, id: String(i), split, label, text };
      }),
    }),
  });\n`;
  await Deno.writeTextFile(
    module,
    `import { registerDataSource } from "@undertone/undertone";\n` + entry(
      "lines",
      `async (_, place) =>
      place.kind === "folder" && (await place.files()).includes("rows.lines") ? { strength: 80, reason: "lines" } : undefined`,
    ),
  );
  await Deno.mkdir(data);
  await Deno.writeTextFile(
    `${data}/rows.lines`,
    "train joy yes\ntrain fear no\ntrain joy well\ndev joy fine\ndev fear oh\n",
  );
  const args = ["--use", module, "--method=text_only", "--audio=none", "--epochs=1", "--no-controls"];
  const trained = await typed(
    ...["train", ...args, "--data", `lines:${data}`, `--out=${folder}/outputs`, "--name=sourced"],
    `--cache=${folder}/cache`,
  );
  equal(trained.code, 0, trained.err);
  const { metadata } = await readSafetensors(runFolder(name).best);
  const [{ sha256 }] = JSON.parse(metadata.modules), copy = `${name}/modules/1/corpora.ts`;
  const needs = `the data source that reads 'lines:${data}', registered by ${module} (SHA-256 ${sha256}) `;
  const refused = [[evaluate, "--run", name], [infer, "--checkpoint", name, "--n_samples=1"]] as const;
  for (const [task, ...given] of refused) {
    const { code, err } = await run(task, ...given);
    equal(code, 2);
    ok(err.at(-1)!.startsWith(`Expected ${needs}but found nothing registered`), err.at(-1)!);
    ok(err.at(-1)!.includes(`type --use ${copy}`), err.at(-1)!);
  }
  const exported = await run(exporting, "--checkpoint", name, `--to=${name}/exported/sourced.onnx`);
  equal(exported.code, 0, exported.err.join("\n"));
  ok(exported.err.some((line) => line.includes("embedded sample") && line.includes(needs)), exported.err[0]);
  const advised = await typed("evaluate", "--run", name, "--use", copy);
  equal(advised.code, 0, advised.err);
});
