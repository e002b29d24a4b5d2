/** Every kind of target from end to end: training, results, evaluation, prediction, resuming and export. */
import { parse } from "csv-parse/sync";
import { Tensor } from "onnxruntime-node";
import { useEngine } from "../compute/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
import { loadDataset } from "../data/mod.ts";
import { openSession } from "../encoders/onnx_session.ts";
import { KINDS, metricValue } from "../eval/mod.ts";
import { readSafetensors } from "../files/mod.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import type { VectorKind } from "../target.ts";
import { loadCheckpoint } from "../train/mod.ts";
import { ablate } from "./ablation/ablate.ts";
import { ablationSoFar } from "./ablation/live.ts";
import { ablationComparisons, gainText } from "./ablation/comparisons_table.ts";
import { ablationTable } from "./ablation/report.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { readResults } from "./results.ts";
import { openRun, runFolder } from "./run_folder.ts";
import { headlineOf } from "./split_result.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";
import { ablateConfig } from "../config/ablation.ts";

await useEngine();

/** What a row says of a sentence, by kind: it depends on two of its words, so that it can be learned. */
const ROWS: Record<VectorKind, { columns: string[]; of(glad: boolean, loud: boolean): number[] }> = {
  distribution: {
    columns: ["label:joy", "label:anger", "label:calm"],
    of: (glad, loud) => glad ? [loud ? 4 : 3, 0, loud ? 0 : 1] : [0, loud ? 5 : 1, loud ? 0 : 3],
  },
  labels: {
    columns: ["has:joy", "has:excitement", "has:both"],
    of: (glad, loud) => [Number(glad), Number(loud), Number(glad && loud)],
  },
  values: {
    columns: ["value:valence", "value:arousal"],
    of: (glad, loud) => [glad ? 2.5 : -1.5, loud ? 3 : 1],
  },
};
const KIND_NAMES = Object.keys(ROWS) as VectorKind[];

const folder = await Deno.makeTempDir({ prefix: "undertone" });

/** Writes the data of a kind and returns its path. */
async function dataOf(kind: VectorKind): Promise<string> {
  const { columns, of } = ROWS[kind], lines = [["id", "split", "text", ...columns].join(",")];
  const places = ["home", "work", "school", "the sea", "the park", "a friend's"];
  for (const [split, count] of [["train", 24], ["dev", 12], ["test", 8]] as const) {
    for (let i = 0; i < count; i++) {
      const glad = i % 2 === 0, loud = i % 4 < 2, place = places[i % places.length];
      const words = `${glad ? "What a wonderful" : "What a terrible"} day at ${place}${
        loud ? "!!!" : "."
      } ${i}`;
      lines.push([`${split}${i}`, split, words, ...of(glad, loud)].join(","));
    }
  }
  const path = `${folder}/${kind}.csv`;
  await Deno.writeTextFile(path, lines.join("\n") + "\n");
  return path;
}

const configOf = async (kind: VectorKind, changes: Partial<TrainConfig> = {}): Promise<TrainConfig> =>
  smallConfig(folder, {
    data: await dataOf(kind),
    method: "text_only",
    audio: "none",
    epochs: 12,
    batch_size: 8,
    lr: 0.01,
    name: kind,
    ...changes,
  });

for (const kind of KIND_NAMES) {
  const path = `${folder}/outputs/${kind}`, { columns } = ROWS[kind];
  const names = columns.map((column) => column.split(":")[1]);

  Deno.test(`${kind}: training lowers the loss, beats the control, and writes results`, async () => {
    const events = await collect(trainRun(await configOf(kind)));
    const epochs = events.filter((event) => event.type === "epoch");
    ok(epochs.at(-1)!.trainLoss < 0.7 * epochs[0].trainLoss, `${epochs.map((e) => e.trainLoss)}`);
    ok(epochs.at(-1)!.dev.loss! < epochs[0].dev.loss!);
    const { dev } = await readResults(openRun(path)), run = runFolder(path);
    const { metric, value, interval } = headlineOf(dev!);
    equal(metric.id, KINDS[kind].headline);
    const control = metricValue(dev!.controls!.mean, metric.id)!;
    ok(metric.higherIsBetter ? value! > control : value! < control, `${value} for ${control}`);
    ok(interval!.interval_95[0] <= value! && value! <= interval!.interval_95[1]);
    const config = JSON.parse(await Deno.readTextFile(run.config));
    equal(config.select, KINDS[kind].select);
    const rows = parse(await Deno.readTextFile(run.predictions("dev")), { columns: true }) as Record<
      string,
      string
    >[];
    equal(rows.length, 12);
    ok(columns.every((column) => column in rows[0]), Object.keys(rows[0]).join());
    const page = await Deno.readTextFile(run.report);
    ok(page.includes(metric.label) && !/NaN|undefined/.test(page.replace(/<script.*?<\/script>/gs, "")));
    const { about } = await loadCheckpoint(run.best);
    deepEqual([about.target, about.labels], [kind, names]);
  });

  Deno.test(`${kind}: evaluation and prediction agree`, async () => {
    const { metrics } = await evaluate(path, { split: "test" });
    const { rows, root } = await loadDataset(`${folder}/${kind}.csv`);
    const test = rows.filter(({ split }) => split === "test");
    const result = await infer(path, { rows: test, root });
    deepEqual([result.target, result.labels, result.notes], [kind, names, []]);
    const answers = result.predictions.map(({ values, probabilities }) =>
      Object.values(values ?? probabilities)
    );
    const truth = test.map(({ target }) => ({ kind, value: Object.values(target!) }));
    const { metricsOfOutcomes } = await import("../eval/mod.ts");
    deepEqual(metricsOfOutcomes(KINDS[kind].outcomes(truth, answers, names)), metrics);
    deepEqual(result.predictions[0].target, test[0].target);
    const [{ predicted }] = (await infer(path, {
      rows: [{ id: "own", split: "test", text: "What a wonderful day!!!" }],
      root,
    })).predictions;
    ok(kind === "values" ? /^valence .*, arousal /.test(predicted) : predicted.includes("joy"), predicted);
  });

  Deno.test(`${kind}: a run that is stopped anywhere resumes to the same bytes`, async () => {
    const stop = new AbortController();
    const config = await configOf(kind, { name: `${kind}-broken` });
    for await (const event of trainRun(config, { controls: false, signal: stop.signal })) {
      if (event.type === "step" && event.step === 4) stop.abort();
    }
    await collect(resumeRun(`${path}-broken`, { controls: false }));
    const [whole, resumed] = await Promise.all([path, `${path}-broken`].map(async (run) => {
      const { tensors, metadata } = await readSafetensors(runFolder(run).last);
      const named = metadata.config.replace(/"name":"[^"]*"/, "");
      return { tensors, metadata: { ...metadata, sha256: "", config: named } };
    }));
    deepEqual(resumed, whole);
  });

  Deno.test(`${kind}: the exported file gives the model's answers under its own name`, async () => {
    const to = `${folder}/${kind}/model.onnx`, { about, check } = await exportModel(path, { to });
    equal(about.target, kind);
    deepEqual(about.outputs.map(({ name }) => name), [kind === "values" ? "values" : "probabilities"]);
    deepEqual(about.labels, names);
    ok(check.difference < 1e-5 && check.utterances > 0);
    const session = await openSession(await Deno.readFile(to));
    deepEqual(session.outputNames, about.outputs.map(({ name }) => name));
    equal(about.encoders.text?.inside, true);
    const outputs = await session.run({
      input_ids: new Tensor("int64", BigInt64Array.of(5n), [1, 1]),
      attention_mask: new Tensor("int64", BigInt64Array.of(1n), [1, 1]),
    });
    ok((Object.values(outputs)[0].data as Float32Array).every(Number.isFinite));
    await session.release();
  });
}

Deno.test("values train by the concordance loss, too", async () => {
  const config = await configOf("values", { name: "ccc", loss: "ccc", batch_size: 12 });
  const epochs = (await collect(trainRun(config, { controls: false }))).filter(({ type }) =>
    type === "epoch"
  );
  const ccc = epochs.map((event) => event.type === "epoch" ? event.dev.ccc! : 0);
  ok(Math.max(...ccc) > 0.5, `${ccc}`);
});

Deno.test("a loss, metric or option that does not fit the kind is refused, and following the advice works", async () => {
  const refused = async (kind: VectorKind, changes: Partial<TrainConfig>, why: RegExp) => {
    await rejects(collect(trainRun(await configOf(kind, { name: "refused", ...changes }))), why);
    equal(await Deno.stat(`${folder}/outputs/refused`).catch(() => "none"), "none");
  };
  await refused(
    "values",
    { loss: "cross_entropy" },
    /found 'cross_entropy' at --loss\. Choose mse, ccc, or leave/,
  );
  await refused(
    "labels",
    { select: "accuracy" },
    /found 'accuracy' at --select\. Choose weighted_f1, macro_f1/,
  );
  await refused("values", { label_smoothing: 0.1 }, /--label-smoothing 0 .* found '0\.1' .* Leave it out/);
  await refused(
    "distribution",
    { focal_gamma: 2 },
    /found '2' at --focal-gamma\. Leave it out: it is for class/,
  );
  await refused("labels", { class_weights: "balanced" }, /found 'balanced' at --class-weights/);
  await collect(trainRun(
    await configOf("distribution", {
      name: "smooth",
      epochs: 1,
      label_smoothing: 0.1,
      class_weights: "balanced",
    }),
    { controls: false },
  ));
});

Deno.test("a model is not evaluated on targets of another kind", async () => {
  await rejects(
    evaluate(`${folder}/outputs/values`, { split: "test", data: `${folder}/labels.csv` }),
    /targets of the kind 'values' but found the kind 'labels'/,
  );
});

for (const kind of KIND_NAMES) {
  const need = kind === "values" ? [] : "time"; // its metrics are the furthest from those of classes
  testWith(
    need,
    `${kind}: an ablation compares methods by the main metric, and a fused one with the controls`,
    async () => {
      const { columns, of } = ROWS[kind], clips = await smallData({ train: 16, dev: 8, test: 8 });
      const rows = parse(await Deno.readTextFile(`${clips}/manifest.csv`), { columns: true }) as Record<
        string,
        string
      >[];
      const lines = rows.map(({ id, split, audio }, i) => {
        const words = i % 2 === 0 ? "What a wonderful day" : "What a terrible day";
        return [id, split, `${words} ${i}`, audio, ...of(i % 2 === 0, i % 4 < 2)].join(",");
      });
      const data = `${clips}/${kind}.csv`;
      await Deno.writeTextFile(data, [["id,split,text,audio", ...columns].join(), ...lines].join("\n"));
      const events = await collect(ablate(ablateConfig.parse({
        data,
        audio: "log-mel",
        epochs: 2,
        batch_size: 8,
        out: `${clips}/outputs`,
        cache: `${clips}/cache`,
        methods: { early_fusion: {} },
        seeds: [1, 2],
      })));
      const last = events.at(-1)!, { headline } = KINDS[kind];
      ok(last.type === "result");
      const { results, folder } = last;
      equal(results.target, kind);
      deepEqual(results.systems.map(({ name }) => name), ["mean", "text_only", "audio_only", "early_fusion"]);
      ok(results.systems.every(({ dev, test }) => dev[headline].n === 2 && test![headline].n === 2));
      deepEqual(results.gains.map(({ against }) => against), ["mean", "text_only", "audio_only"]);
      for (const gain of results.gains) {
        equal(gain.metric, headline);
        ok(gain.interval_95[0] <= gain.delta && gain.delta <= gain.interval_95[1], JSON.stringify(gain));
      }
      deepEqual(results.comparisons.map(({ p }) => p), results.gains.map(({ p }) => p));
      ok(results.comparisons.every(({ p, p_holm }) => p_holm >= p && p_holm <= 1));
      const shown =
        JSON.stringify([ablationTable(results), ablationSoFar(events), ablationComparisons(results)]) +
        results.gains.map((gain) => gainText(results, gain)) + await Deno.readTextFile(`${folder}/cells.csv`);
      ok(!/NaN|undefined|null\b.*null/.test(shown), shown);
    },
  );
}
