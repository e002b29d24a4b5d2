import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { parse } from "csv-parse/sync";
import { readSafetensors } from "../files/safetensors.ts";
import { evaluate } from "./evaluate.ts";
import { infer } from "./infer.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";

const data = await smallData();
const read = (path: string) => Deno.readTextFile(path).then(JSON.parse);

Deno.test("a run trains, yields events, and saves metrics that match its predictions", async () => {
  const events = await collect(trainRun(smallConfig(data, { name: "whole" })));
  const types = events.map(({ type }) => type).filter((type) => type !== "step" && type !== "control");
  deepEqual(types, [
    "prepared",
    "started",
    "epoch",
    "checkpoint",
    "epoch",
    "checkpoint",
    "stopped",
    "result",
  ]);
  const folder = runFolder(`${data}/outputs/whole`);
  const { dev } = await read(folder.metrics);
  const rows = parse(await Deno.readTextFile(folder.predictions("dev")), { columns: true }) as Record<
    string,
    string
  >[];
  equal(rows.length, 8);
  const right = rows.filter(({ label, predicted }) => label === predicted).length;
  equal(dev.metrics.accuracy, right / 8);
  deepEqual(Object.keys(dev.controls), ["majority", "text_only"]);
  for (const row of rows) {
    const probabilities = Object.entries(row).filter(([key]) => key.startsWith("p_")).map(([, p]) =>
      Number(p)
    );
    ok(Math.abs(probabilities.reduce((a, b) => a + b) - 1) < 1e-4);
  }
  for (
    const name of [
      "confusion.dev.svg",
      "confusion.dev.png",
      "confusion.dev.html",
      "report.html",
      "MODEL_CARD.md",
      "events.jsonl",
    ]
  ) {
    ok((await Deno.stat(folder.file(name))).size > 500, name);
  }
  equal((await read(folder.config)).name, "whole");
});

Deno.test("a stopped and resumed run ends in the same bytes as an unbroken one", async () => {
  const config = (name: string) =>
    smallConfig(data, { name, method: "memocmt", options: { width: 8, heads: 2 } });
  await collect(trainRun(config("unbroken"), { controls: false }));
  const stop = new AbortController();
  let last = "";
  for await (const event of trainRun(config("broken"), { controls: false, signal: stop.signal })) {
    last = event.type;
    if (event.type === "step" && event.step === 7) stop.abort(); // in the second epoch
  }
  equal(last, "stopped");
  const events = await collect(resumeRun(`${data}/outputs/broken`, { controls: false }));
  equal(events.at(-1)?.type, "result");
  const [whole, resumed] = await Promise.all(["unbroken", "broken"].map(async (name) => {
    const { tensors, metadata } = await readSafetensors(runFolder(`${data}/outputs/${name}`).last);
    return {
      tensors,
      metadata: { ...metadata, sha256: "", config: metadata.config.replace(`"${name}"`, '""') },
    };
  }));
  deepEqual(resumed, whole);
});

Deno.test("a run resumes only with its own rows, and only from a checkpoint", async () => {
  const manifest = `${data}/changing.csv`, rows = await Deno.readTextFile(`${data}/manifest.csv`);
  await Deno.writeTextFile(manifest, rows);
  const config = smallConfig(data, { name: "changing", data: manifest, epochs: 1 });
  await collect(trainRun(config, { controls: false }));
  const { metrics, last } = runFolder(`${data}/outputs/changing`);
  await Deno.remove(metrics); // as if killed before its results
  await Deno.writeTextFile(manifest, rows.replace(/\n(train_\d+,train),[^,]*,/, "\n$1,Something else,"));
  const resumed = () => collect(resumeRun(`${data}/outputs/changing`, { controls: false }));
  await rejects(
    resumed(),
    /Expected the rows that the run was trained on but found other texts in train at .*changing\.csv\. .*--init/,
  );
  await Deno.writeTextFile(manifest, rows);
  equal((await resumed()).at(-1)?.type, "result");
  await Deno.writeTextFile(metrics, "{");
  await rejects(resumed(), /Expected a JSON file but found invalid JSON .*metrics\.json/);
  await Deno.remove(last);
  await rejects(resumed(), /found a run that ended before its first .* --name changing --overwrite/);
});

Deno.test("a taken name is refused before any work, and replaced with overwrite", async () => {
  const config = smallConfig(data, { name: "taken", epochs: 1 });
  await collect(trainRun(config, { controls: false }));
  await rejects(collect(trainRun(config)), /found the run 'taken' at .* --overwrite/);
  await collect(trainRun(config, { controls: false, overwrite: true }));
  const unnamed = { ...config, name: undefined };
  const names = [];
  for (let i = 0; i < 2; i++) {
    for await (const event of trainRun(unnamed, { controls: false })) {
      if (event.type === "prepared") names.push(event.folder.name);
    }
  }
  equal(names[1], `${names[0]}-2`);
});

Deno.test("a folder that is not a run is never replaced, and an invalid run leaves no folder", async () => {
  const outputs = `${data}/outputs`, exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  const train = (changes: Parameters<typeof smallConfig>[1]) =>
    collect(trainRun(smallConfig(data, changes), { overwrite: true }));
  await Deno.mkdir(`${outputs}/mine`, { recursive: true });
  await Deno.writeTextFile(`${outputs}/mine/notes.txt`, "");
  await rejects(train({ name: "mine" }), /found something that is not a run at .*outputs\/mine\./);
  await Deno.mkdir(`${outputs}/killed`);
  await train({ name: "killed", epochs: 1 });
  await rejects(async () => await train({ name: ".." }), /Expected a name of letters/);
  ok(await exists(`${outputs}/mine/notes.txt`));
  await rejects(
    train({ name: "frozen", freeze: [{ epochs: 1, train: ["haed"] }] }),
    /found 'haed' at --train or --freeze/,
  );
  equal(await exists(`${outputs}/frozen`), false);
  await rejects(
    train({ out: `${data}/manifest.csv` }),
    /Expected a folder that can be written .*manifest\.csv/,
  );
});

Deno.test("a new run can start from the weights of another", async () => {
  await collect(trainRun(smallConfig(data, { name: "first", epochs: 1 }), { controls: false }));
  const config = smallConfig(data, { name: "second", epochs: 1, seed: 9, lr: 1e-12 });
  const events = await collect(trainRun(config, { controls: false, init: `${data}/outputs/first` }));
  const prepared = events.find((event) => event.type === "prepared");
  equal(prepared?.taken?.missing.length, 0);
  const weights = (name: string) => readSafetensors(runFolder(`${data}/outputs/${name}`).best);
  const [a, b] = [await weights("first"), await weights("second")];
  const difference = a.tensors["classifier.weight"].data.map((x, i) =>
    Math.abs(x - b.tensors["classifier.weight"].data[i])
  );
  ok(Math.max(...difference) < 1e-6);
});

Deno.test("evaluation adds a split, records each reading, and agrees with inference", async () => {
  await collect(trainRun(smallConfig(data, { name: "scored", epochs: 1 }), { controls: false }));
  const path = `${data}/outputs/scored`, folder = runFolder(path);
  equal((await evaluate(path, { split: "test" })).read.length, 1);
  equal((await evaluate(path, { split: "test" })).read.length, 2);
  const { dev, test } = await read(folder.metrics);
  equal(dev.read.length + test.read.length, 3);
  const rows = parse(await Deno.readTextFile(folder.predictions("test")), { columns: true }) as Record<
    string,
    string
  >[];
  const asked = rows.map(({ id, text, audio }) => ({ id, text, audio, split: "test" as const })).reverse();
  const { predictions } = await infer(path, { rows: asked, root: data });
  for (const [i, { id, predicted, probabilities }] of predictions.reverse().entries()) {
    equal(id, rows[i].id);
    equal(predicted, rows[i].predicted);
    for (const [label, p] of Object.entries(probabilities)) {
      ok(Math.abs(p - Number(rows[i][`p_${label}`])) < 1e-5);
    }
  }
});

Deno.test("inference answers from one modality, and lists rows that it can't read", async () => {
  await collect(trainRun(smallConfig(data, { name: "either", epochs: 1 }), { controls: false }));
  const clip = [...Deno.readDirSync(`${data}/clips`)][0].name;
  const rows = [
    { id: "text", split: "test" as const, text: "I can't believe it!" },
    { id: "speech", split: "test" as const, audio: `clips/${clip}` },
    { id: "dead", split: "test" as const, audio: "clips/none.wav" },
  ];
  const { predictions, rejected, notes } = await infer(`${data}/outputs/either`, {
    rows: rows.map((row) => ({ ...row, label: "wistful" })),
    root: data,
  });
  deepEqual(notes, ["The model has no class 'wistful' and can't predict it."]);
  deepEqual(predictions.map(({ id }) => id), ["text", "speech"]);
  deepEqual(rejected.map(({ id }) => id), ["dead"]);
  for (const { probabilities } of predictions) {
    ok(Math.abs(Object.values(probabilities).reduce((a, b) => a + b) - 1) < 1e-6);
  }
});

Deno.test("missing and unsuitable inputs are refused in a sentence", async () => {
  await rejects(
    collect(resumeRun(`${data}/outputs/nothing`)),
    /Expected the folder of a run but found nothing at/,
  );
  await rejects(collect(trainRun(smallConfig(data, { method: "memocnt" }))), /Did you mean memocmt\?/);
  await rejects(
    collect(trainRun(smallConfig(data, { options: { width: 8 } }))),
    /options.width|options of attention_pooling/,
  );
  await rejects(collect(trainRun(smallConfig(data, { audio: "none" }))), /--method text_only/);
  const damaged = `${data}/damaged.safetensors`;
  await Deno.writeFile(damaged, new Uint8Array(100));
  await rejects(infer(damaged, { rows: [], root: "" }), /Expected a safetensors file/);
});
