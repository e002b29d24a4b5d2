/**
 * Corpora with other targets than classes from their folders to results: MOSI's values, MOSEI's labels,
 * IEMOCAP's votes.
 */
import { useEngine } from "../compute/mod.ts";
import { ablateConfig } from "../config/mod.ts";
import { KINDS, metricValue } from "../eval/mod.ts";
import { parseWith } from "../schema.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { miniature } from "../testing/miniature.ts";
import { testWith } from "../testing/needs.ts";
import { evaluate } from "./evaluate.ts";
import { crossValidate } from "./folds/cross_validate.ts";
import { infer } from "./infer.ts";
import { readResults } from "./results.ts";
import { openRun, runFolder } from "./run_folder.ts";
import { collect, smallConfig } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();

const GLAD = ["I loved it", "What a wonderful film", "Great fun"];
const SORRY = ["I hated it", "What a terrible film", "So dull"];
const said = (glad: boolean, i: number) => `${(glad ? GLAD : SORRY)[i % 3]} ${i}`;

/** CMU-MOSI in MMSA's layout: 12 segments of a video of each fold. */
const mosi = () => {
  const videos = [["03bSnISJMiM", "train"], ["WKA5OygbEKI", "valid"], ["lXPQBPVc5Cw", "test"]];
  const rows = videos.flatMap(([video, mode]) =>
    Array.from({ length: 12 }, (_, i) => {
      const sentiment = [2.4, -1.6, 0, -3, 1, -0.4][i % 6];
      return `${video},${i},${said(sentiment > 0, i)},${sentiment},,,,,${mode}`;
    })
  );
  return miniature({
    "label.csv": ["video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode", ...rows].join("\n"),
  });
};

/** CMU-MOSEI as CMU released it: 12 segments of a video of each fold, by one rater. */
const mosei = () => {
  const answers = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "sentiment"];
  const folds = { train: "100499", valid: "7l3BNtSE0xc", test: "zk2jTlAtvSU" }, lines: string[] = [];
  const words = Object.values(folds).map((video) => {
    const text = Array.from({ length: 12 }, (_, i) => {
      const glad = i % 2 === 0, given = [Number(!glad), i % 3 ? 0 : 1, 0, Number(glad), 0, 0, glad ? 2 : -2];
      lines.push(["H", `${video}${i}`, video, i, ...given].join());
      return `${video}___${i}___0___1___${said(glad, i)}\n`;
    });
    return [`Transcript/Segmented/Combined/${video}.txt`, text.join("")];
  });
  const header = ["HITId", "AssignmentId", "Input.VIDEO_ID", "Input.CLIP"];
  return miniature({
    ...Object.fromEntries(words),
    "Labels/5000_batch_raw.csv": [[...header, ...answers.map((a) => `Answer.${a}`)].join(), ...lines].join(
      "\n",
    ),
    "cmu_mosei_std_folds.py": Object.entries(folds).map(([name, video]) =>
      `standard_${name}_fold=['${video}']\n`
    ).join(""),
  });
};

/** IEMOCAP: a dialogue of eight turns in each of five sessions, with three raters. */
const iemocap = () => {
  const files: Record<string, string> = {};
  for (const session of [1, 2, 3, 4, 5]) {
    const name = `Ses0${session}F_impro01`, turns: string[] = [], words: string[] = [];
    for (let i = 0; i < 8; i++) {
      const glad = i % 4 < 2, id = `${name}_${i % 2 ? "M" : "F"}00${i}`;
      const votes = [glad ? "Happiness" : "Sadness", glad ? "Happiness" : "Sadness", "Neutral"];
      turns.push(
        `[${i}.0000 - ${i}.5000]\t${id}\t${glad ? "hap" : "sad"}\t[${glad ? 4.5 : 2}, ${2 + i % 3}, ${
          2 + i % 2
        }]\n` +
          votes.map((vote, rater) => `C-E${rater}:\t${vote};\t()\n`).join(""),
      );
      words.push(`${id} [000.0000-000.5000]: ${said(glad, i)}\n`);
    }
    const dialog = `Session${session}/dialog`;
    files[`${dialog}/EmoEvaluation/${name}.txt`] =
      `% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n${turns.join("\n")}`;
    files[`${dialog}/transcriptions/${name}.txt`] = words.join("");
  }
  return miniature(files);
};

const config = (folder: string, changes: object) =>
  smallConfig(folder, {
    data: folder,
    method: "text_only",
    audio: "none",
    epochs: 6,
    lr: 0.01,
    batch_size: 6,
    ...changes,
  });

const isWhole = (page: string) =>
  !/NaN|>undefined<|Infinity/.test(page.replace(/<script.*?<\/script>/gs, ""));

Deno.test("CMU-MOSI's sentiment: trained, selected, evaluated and shown by the field's own metrics", async () => {
  const folder = await mosi(),
    own = { target: "values", name: "run" } as const,
    run = `${folder}/outputs/run`;
  await collect(trainRun(config(folder, { ...own, select: "acc2_non0" })));
  const { dev } = await readResults(openRun(run));
  for (const metrics of [dev!.metrics, dev!.controls!.mean]) {
    for (const id of ["ccc", "mae", "acc2_has0", "acc2_non0", "f1_has0", "f1_non0", "acc7"]) {
      ok(typeof metricValue(metrics, id) === "number", id);
    }
  }
  ok(metricValue(dev!.metrics, "acc2_non0")! > metricValue(dev!.controls!.mean, "acc2_non0")!);
  const page = await Deno.readTextFile(runFolder(run).report);
  for (const name of ["Acc-2 (neg./non-neg.)", "Acc-2 (neg./pos.)", "Acc-7"]) ok(page.includes(name), name);
  ok(isWhole(page));
  const { metrics, groups } = await evaluate(run, { split: "test", by: ["all"] });
  ok(typeof metricValue(metrics, "acc7") === "number");
  ok(groups!.length > 0 && groups!.every(({ groups }) => "ccc" in groups[0].metrics));
  const rows = [{ id: "own", split: "test" as const, text: "What a wonderful film" }];
  ok((await infer(run, { rows, root: folder })).predictions[0].values!.sentiment > 0);
});

Deno.test("CMU-MOSEI's emotions: weighted accuracy and F1 of each label, and its reason where it is undefined", async () => {
  const folder = await mosei(), run = `${folder}/outputs/run`;
  await rejects(
    collect(trainRun(config(folder, { target: "values", name: "run", select: "macro_f1" }))),
    /'macro_f1' at --select\. Choose ccc, pearson, rmse, mae/,
  );
  await collect(trainRun(config(folder, { target: "labels", name: "run" })));
  const { metrics, notes } = await evaluate(run, { split: "test", by: ["speaker", "words"] });
  ok("target" in metrics && metrics.target === "labels");
  const scores = new Map(metrics.per_label.map(({ label, ...scores }) => [label, scores]));
  ok((scores.get("joy")!.weighted_accuracy as number) > 0.5);
  equal(scores.get("fear")!.weighted_accuracy, null);
  ok(notes.some((note) => /weighted accuracy is undefined for .*'fear'.*no row has the label/.test(note)));
  ok((await Deno.stat(`${run}/labels.test.svg`)).isFile);
  ok(isWhole(await Deno.readTextFile(runFolder(run).report)));
});

testWith("time", "IEMOCAP's votes and dimensions in folds by session: tables, gains and groups", async () => {
  const folder = await iemocap();
  for (const target of ["distribution", "values"] as const) {
    const events = await collect(crossValidate(parseWith(ablateConfig, {
      data: folder,
      target,
      protocol: "session",
      methods: { text_only: {} },
      seeds: [1],
      audio: "none",
      epochs: 2,
      lr: 0.01,
      out: `${folder}/outputs`,
      cache: `${folder}/cache`,
      name: target,
    }, "the test")));
    const last = events.at(-1)!, { headline } = KINDS[target];
    ok(last.type === "result");
    const { systems, folds, groups, gains } = last.results;
    deepEqual(systems.map(({ name }) => name), ["mean", "text_only"]);
    equal(folds.length, 5);
    ok(
      systems.every(({ pooled }) =>
        pooled!.n === 40 && pooled!.metrics[headline].values.every(Number.isFinite)
      ),
    );
    ok(gains.some(({ metric }) => metric === headline));
    ok(groups.some(({ key }) => key === "session"));
    ok(isWhole(await Deno.readTextFile(`${folder}/outputs/${target}/report.html`)));
  }
});
