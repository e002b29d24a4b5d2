/** Runs on stored features: without clips they equal runs that compute the same states. */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { useEngine } from "../compute/mod.ts";
import { loadDataset } from "../data/mod.ts";
import { encodeDataset, isStored, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { encodeSafetensors, type RawTensor, readSafetensors } from "../files/mod.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { planRun } from "../config/mod.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel } from "./export.ts";
import { infer } from "./infer.ts";
import { prepare } from "./prepare.ts";
import { resumeRun } from "./resume.ts";
import { writeStates } from "./states.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { trainRun } from "./train.ts";

await useEngine();
const folder = await smallData({ train: 12, dev: 6, test: 4 }), dataset = await loadDataset(folder);
const stored = `${folder}/states.safetensors`, audio = `features:${stored}`, text = audio;
const encoders = { text: await textEncoder("use-lite"), audio: await speechEncoder("log-mel") };
const cacheDir = `${folder}/cache`; // that of the runs, so that states have equal bits
await writeStates(stored, await encodeDataset(dataset, encoders, { cacheDir }), encoders);
const { tensors } = await readSafetensors(stored);

type Row = Record<string, string>;

/** Writes the manifest with every row changed by `change`. */
async function changed(name: string, change: (row: Row, i: number) => Row): Promise<string> {
  const rows = parse(await Deno.readTextFile(`${folder}/manifest.csv`), { columns: true }) as Row[];
  await Deno.writeTextFile(`${folder}/${name}.csv`, stringify(rows.map(change), { header: true }));
  return `${folder}/${name}.csv`;
}

/** Writes some of the stored states, changed, to another file, and returns the encoder's name. */
async function states(name: string, change: (name: string, tensor: RawTensor) => RawTensor | undefined) {
  const kept = Object.entries(tensors).flatMap(([name, tensor]) => {
    const result = change(name, tensor);
    return result ? [[name, result] as const] : [];
  });
  const path = `${folder}/${name}.safetensors`;
  await Deno.writeFile(path, encodeSafetensors(Object.fromEntries(kept)));
  return `features:${path}`;
}

const bare = await changed("bare", ({ id, split, label }) => ({ id, split, label }));
// Rows of one text share their states, but not their stored ones: the two weigh differently in a
// standardiser.
const normalize = { text: "none", audio: "none" };
const computing = smallConfig(folder, { audio: "log-mel", name: "computing", normalize });
const reading = smallConfig(folder, { data: bare, text, audio, name: "reading", normalize });
const run = `${computing.out}/reading`;
await collect(trainRun(computing));
await collect(trainRun(reading));

Deno.test("a run on stored states gives the metrics of a run that computes them, without text and clips", async () => {
  const [own, other] = await Promise.all(
    ["reading", "computing"].map((name) => evaluate(`${computing.out}/${name}`, { split: "test" })),
  );
  deepEqual(own.metrics, other.metrics);
  const { notes } = await prepare(planRun(reading), { splits: ["train", "dev"] }).then(({ dataset }) =>
    dataset
  );
  match(notes.join("\n"), /Read text features from .*: 22 keys, states of F32, .* of width 512 each/);
  match(notes.join("\n"), /22 keys in .* are those of another modality and were left out/);
});

Deno.test("infer reads them by id, and answers from the rest if no row has any", async () => {
  const { rows, root } = await loadDataset(bare, { stored: ["text", "audio"] });
  equal(rows.length, 22);
  const { predictions, rejected } = await infer(run, { rows, root });
  const others = await infer(`${computing.out}/computing`, dataset);
  deepEqual(
    predictions.map(({ probabilities }) => probabilities),
    others.predictions.map((p) => p.probabilities),
  );
  deepEqual(rejected, []);
  const stranger = { id: "new", split: "test" as const, text: "Hello", audio: "new.wav" };
  const mixed = await infer(run, { rows: [rows[0], stranger], root });
  deepEqual(mixed.predictions.map(({ id }) => id), [rows[0].id]);
  match(mixed.rejected[0].reason, /no features: no key 'new' or 'new.wav' in .*states/);
  await rejects(infer(run, { rows: [stranger], root }), /features of text in .* --audio features:<path>/);
});

Deno.test("other features are read if they are named and of one width, and their result is not kept", async () => {
  const same = await states("moved", (_, tensor) => tensor);
  const given = { text: same, audio: same };
  const moved = await evaluate(run, { split: "dev", features: given });
  deepEqual(moved.metrics, (await evaluate(run, { split: "dev" })).metrics);
  ok(moved.folder);
  match(moved.notes.join("\n"), /The audio features are features:.*moved.*if one tool computed both/);
  const other = await states("other", (_, { shape, data }) => ({ shape, data: data.map((x) => x / 2) }));
  const changed = await evaluate(run, { split: "dev", features: { audio: other } });
  equal(changed.folder, undefined);
  match(changed.notes.join("\n"), /other features of audio in dev/);
  const wide = await states("wide", (name, tensor) =>
    name.startsWith("text/") ? tensor : {
      shape: [1, 3],
      data: new Float32Array(3),
    });
  await rejects(
    evaluate(run, { split: "dev", features: { audio: wide } }),
    /width 160, .* but found width 3/,
  );
  await rejects(evaluate(run, { split: "dev", features: { audio: "log-mel" } }), /features:<path>/);
  await rejects(
    evaluate(`${computing.out}/computing`, { split: "dev", features: { audio: same } }),
    /trained on stored features of audio but found one with the encoder log-mel/,
  );
});

Deno.test("rows without features are bad rows, and keep their text if that is wanted", async () => {
  const [lost] = dataset.rows,
    some = await states("some", (name, tensor) => name === `audio/${lost.id}` ? undefined : tensor);
  const prepared = (keep_text: boolean) =>
    prepare(planRun(smallConfig(folder, { audio: some, keep_text })), { splits: ["train", "dev"] });
  const { rejected } = await prepared(false);
  deepEqual(rejected.map(({ id }) => id), [lost.id]);
  match(rejected[0].reason, /no features: no key/);
  const kept = await prepared(true);
  deepEqual(kept.rejected, []);
  const example = kept.examples.train.find(({ id }) => id === lost.id)!;
  ok(example.text && !example.audio);
  const strange = await changed("strange", ({ id, ...row }) => ({ ...row, id: `x${id}`, audio: "" }));
  const config = smallConfig(folder, { data: strange, audio });
  await rejects(
    prepare(planRun(config), { splits: ["train"] }),
    /A key must be a row's id or .* keys are such as/,
  );
});

Deno.test("features that changed since training are refused, and named again they are read", async () => {
  const copy = await states("copy", (_, tensor) => tensor), path = copy.replace("features:", "");
  const config = smallConfig(folder, { data: bare, text, audio: copy, name: "changing", epochs: 1 });
  await collect(trainRun(config));
  const changing = `${config.out}/changing`;
  await states("copy", (_, { shape, data }) => ({ shape, data: data.map((x) => x * 3) }));
  await rejects(
    evaluate(changing, { split: "dev" }),
    /These features changed since training: .*--audio features:/,
  );
  await rejects(collect(resumeRun(changing, { epochs: 2 })), /These features changed since training/);
  ok((await evaluate(changing, { split: "dev", features: { audio: copy } })).metrics);
  await Deno.remove(path);
  await rejects(evaluate(changing, { split: "dev" }), /found nothing at .*copy\.safetensors/);
});

Deno.test("they can't be trained or joined, and a path may have any sign", async () => {
  await rejects(
    prepare(planRun(smallConfig(folder, { audio, train: ["head", "audio"] })), { splits: ["train"] }),
    /can be trained/,
  );
  await rejects(speechEncoder(`log-mel+${audio}`), /whose states are stored/);
  await Deno.mkdir(`${folder}/a+b`);
  await Deno.copyFile(stored, `${folder}/a+b/c:d.safetensors`);
  equal((await speechEncoder(`features:${folder}/a+b/c:d.safetensors`)).width, 160);
  equal(isStored("audio", "log-mel"), false);
});

Deno.test("an exported model takes the states", async () => {
  const { about, check } = await exportModel(run, { to: `${folder}/model.onnx` });
  equal(check.source, bare);
  ok(check.difference < 1e-4, `${check.difference}`);
  match(JSON.stringify(about), /audio_states|states/);
});
