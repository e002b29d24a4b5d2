import { loadDataset } from "../data/mod.ts";
import { useEngine } from "../compute/mod.ts";
import { readExamples } from "../encoders/mod.ts";
import { textEncoder } from "../encoders/mod.ts";
import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { planRun } from "../config/mod.ts";
import { prepare } from "./prepare.ts";
import { smallConfig, smallData } from "./testing.ts";

await useEngine();
const folder = await smallData({ train: 10, dev: 4, test: 4 }), data = `${folder}/manifest.csv`;
const { rows } = await loadDataset(data), train = rows.filter(({ split }) => split === "train");
const [broken, missing] = train; // the first loses its content, the second its file
await Deno.writeTextFile(`${folder}/${broken.audio}`, "no sound");
await Deno.remove(`${folder}/${missing.audio}`);

const prepared = (keep_text: boolean, method = "attention_pooling") =>
  prepare(planRun(smallConfig(folder, { keep_text, method, max_rejected: 0.5 })), {
    splits: ["train", "dev"],
  });

Deno.test("without keep_text, rows with a missing or broken clip are left out", async () => {
  const { examples, rejected } = await prepared(false);
  equal(examples.train.length, train.length - 2);
  deepEqual(rejected.map(({ id }) => id).sort(), [broken.id, missing.id].sort());
});

Deno.test("with keep_text they keep their text, and notes say how many", async () => {
  const { examples, rejected, dataset } = await prepared(true);
  equal(examples.train.length, train.length);
  deepEqual(rejected, []);
  for (const { id } of [broken, missing]) {
    const example = examples.train.find((example) => example.id === id)!;
    ok(example.text && !example.audio, id);
  }
  const notes = dataset.notes.filter((note) => /keeps? only (its|their) text/.test(note)).join("\n");
  match(
    notes,
    /^1 row keeps only its text, .*clip missing: .*\n1 row keeps only its text, .*Expected a recording/,
  );
});

Deno.test("a method that reads no text can't keep them", async () => {
  const { examples, rejected } = await prepared(true, "audio_only");
  equal(examples.train.length, train.length - 2);
  equal(rejected.length, 2);
});

Deno.test("an encoder of speech that trains leaves the text of such rows, too", async () => {
  const dataset = await loadDataset(data, { keepText: true });
  const audio = { preprocess: { rowOf: (samples: Float32Array) => samples, statesOf: () => 1 } as never };
  const readers = { frozen: { text: await textEncoder("use-lite") }, modelEncoders: { audio } };
  const read = await readExamples(dataset, readers, { text: 8, audio: 8 }, { keepText: true });
  deepEqual(read.textOnly.map(({ id }) => id), [broken.id]);
  const example = read.examples.find(({ id }) => id === broken.id)!;
  ok(example.text && !example.raw?.audio && !example.audio);
  equal((await readExamples(dataset, readers, { text: 8, audio: 8 })).rejected.length, 1);
});
