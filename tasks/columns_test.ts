/** A file with other people's columns, from training to inference: the run keeps their names. */
import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { smallData } from "../lib/jobs/testing.ts";
import { captured as run } from "./cli/testing.ts";
import { task as evaluate } from "./evaluate.ts";
import { task as infer } from "./infer.ts";
import { task as train } from "./train.ts";

const folder = await smallData({ train: 12, dev: 6, test: 4 }), path = `${folder}/manifest.csv`;
await Deno.writeTextFile(
  `${folder}/theirs.tsv`,
  (await Deno.readTextFile(path)).replace("id,split,text,audio,label", "key,part,sentence,wav,emotion")
    .split("\n").map((line) => line.replaceAll(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, "\t")).join("\n"),
);
const NAMES = { id: "key", split: "part", text: "sentence", audio: "wav", label: "emotion" };
const columns = Object.entries(NAMES).map(([column, name]) => `--columns.${column}=${name}`);
const common = ["--method=text_only", "--epochs=1", `--out=${folder}/runs`, `--cache=${folder}/cache`];

Deno.test("a run keeps the names of the columns, so that evaluate and infer read the same rows", async () => {
  const ours = await run(train, `--data=${path}`, "--name=ours", ...common, "--json");
  const theirs = await run(
    train,
    `--data=${folder}/theirs.tsv`,
    ...columns,
    "--name=theirs",
    ...common,
    "--json",
  );
  equal(theirs.code, 0, theirs.err.join("\n"));
  const [a, b] = [ours, theirs].map(({ out }) => JSON.parse(out.at(-1)!).metrics);
  deepEqual(b, a);
  const scored = await run(evaluate, "--run", `${folder}/runs/theirs`, "--json");
  deepEqual(JSON.parse(scored.out.at(-1)!).metrics, b);
  const drawn = await run(infer, "--checkpoint", `${folder}/runs/theirs`, "--n-samples=2", "--json");
  equal(JSON.parse(drawn.out.at(-1)!).length, 2);
  equal(drawn.err.join("\n").includes("embedded sample"), false);
  const again = await run(train, "--resume", `${folder}/runs/theirs`, "--epochs=2");
  equal(again.code, 0, again.err.join("\n"));
});

Deno.test("a misspelt name of a column is refused, as is a column that a manifest does not have", async () => {
  const { code, err } = await run(
    train,
    `--data=${folder}/theirs.tsv`,
    ...columns,
    "--columns.text=sentense",
  );
  equal(code, 2);
  match(err.join("\n"), /--columns\.text once but found it twice/);
  const wrong = await run(train, `--data=${folder}/theirs.tsv`, "--columns.text=sentense");
  match(
    wrong.err.join("\n"),
    /columns: key, part, sentence, wav, emotion.* Did you mean --columns\.text='sentence'/,
  );
  const unknown = await run(train, `--data=${folder}/theirs.tsv`, "--columns.txt=sentence");
  match(unknown.err.join("\n"), /Did you mean --columns\.text\?/);
});
