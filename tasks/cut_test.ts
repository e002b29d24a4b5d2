/** Every task that truncates texts or clips says so, also if they come from the cache. */
import { stringify } from "csv-stringify/sync";
import { loadDataset } from "../lib/data/mod.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { tinyTextFolder } from "../lib/testing/tiny_encoders.ts";
import { task as ablate } from "./ablate.ts";
import type { Task } from "./cli/main.ts";
import { captured } from "./cli/testing.ts";
import { task as encode } from "./encode.ts";
import { task as evaluate } from "./evaluate.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const folder = await smallData({ train: 12, dev: 4, test: 4 }), manifest = `${folder}/manifest.csv`;
const { rows } = await loadDataset(manifest);
/** Two long texts in train, one in dev and one in test. 4 tokens are 3 words; the special tokens count 2. */
const long = "oh my god I ".repeat(60).trim();
const longRows = ["train", "train", "dev", "test"].map((split, i) =>
  rows.filter((row) => row.split === split)[i % 2]
);
const columns = ["id", "split", "text", "audio", "label"] as const;
await Deno.writeTextFile(
  manifest,
  stringify([
    columns,
    ...rows.map((row) => columns.map((key) => key === "text" && longRows.includes(row) ? long : row[key])),
  ]),
);
const text = await tinyTextFolder(); // takes 40 tokens

/** Returns a task's notes about truncated texts and clips. */
async function told(task: Task, ...args: string[]): Promise<string[]> {
  const { code, err } = await captured(task, ...args);
  equal(code, 0, err.join("\n"));
  return err.filter((line) => / are read: /.test(line)).map((line) =>
    line.replace(/\(about \d+ words\)/, "(…)")
  );
}

const data = ["--data", manifest, `--cache=${folder}/cache`];
const quick = [...data, "--text", `hf:${text}`, "--epochs=1", `--out=${folder}/outputs`];
const byEncoder = (count: string) =>
  `note: only the first 40 tokens (…) of ${count} are read: hf:${text} takes no more`;
const byBound = (count: string) =>
  `note: only the first 9 tokens (…) of ${count} are read: --max-text-length is 9`;

Deno.test("encode reports what the encoder truncates, also from the cache", async () => {
  for (let i = 0; i < 2; i++) {
    deepEqual(await told(encode, ...data, "--text", `hf:${text}`), [byEncoder("4 texts")]);
  }
});

Deno.test("train, evaluate and infer report what the encoder truncates", async () => {
  const run = `${folder}/outputs/frozen`;
  deepEqual(await told(train, ...quick, "--no-controls", "--name=frozen"), [byEncoder("3 texts")]);
  deepEqual(await told(evaluate, "--run", run, "--split=test"), [byEncoder("1 text")]);
  deepEqual(await told(infer, "--checkpoint", run, "--text", long), [byEncoder("1 text")]);
  deepEqual(await told(infer, "--checkpoint", run, "--text", "oh my god"), []);
});

Deno.test("train, evaluate and infer report what the maximum length of a trainable encoder truncates", async () => {
  const run = `${folder}/outputs/tuned`;
  const tune = ["--train=text,head", "--max-text-length=9", "--max-audio-length=2"];
  const [texts, recordings, ...none] = await told(train, ...quick, ...tune, "--no-controls", "--name=tuned");
  match(texts, /^note: only the first 9 tokens \(…\) of \d+ texts are read: --max-text-length is 9$/);
  equal(recordings, "note: only the first 0.2 s of 16 clips are read: --max-audio-length is 2");
  deepEqual(none, []);
  deepEqual((await told(evaluate, "--run", run, "--split=test")).length, 2);
  deepEqual(await told(infer, "--checkpoint", run, "--text", long), [byBound("1 text")]);
});

Deno.test("an ablation reports it once, and for test when test is read", async () => {
  deepEqual(
    await told(ablate, ...quick, "--methods=early_fusion", "--seeds=1", "--name=table"),
    [byEncoder("3 texts"), byEncoder("1 text")],
  );
});
