import { dirname } from "node:path";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { loadDataset } from "./load.ts";
import { rowsOf } from "./utterance.ts";
import { shared } from "../testing/shared.ts";
import { testWith } from "../testing/needs.ts";

const HEADER = "id,split,text,label\n";

async function manifest(text: string, name = "own.csv"): Promise<string> {
  const path = `${await Deno.makeTempDir()}/${name}`;
  await Deno.writeTextFile(path, text);
  return path;
}

Deno.test("a manifest is recognised as a file and by its folder; labels are in a known order or by name", async () => {
  const path = await manifest(HEADER + "a,train,x,joy\nb,dev,y,neutral\nc,train,z,anger\n", "manifest.csv");
  const dataset = await loadDataset(path);
  deepEqual(dataset.labels, ["neutral", "joy", "anger"]);
  deepEqual(dataset.rows[1], { id: "b", split: "dev", text: "y", label: "neutral" });
  const folder = path.replace("/manifest.csv", "");
  deepEqual((await loadDataset(folder)).rows, dataset.rows);
  deepEqual([dataset.name, dataset.root, dataset.source], [folder.split("/").pop(), folder, path]);
  const own = await manifest(HEADER + "a,train,x,wistful\nb,train,y,bored\nc,dev,y,joy\n");
  deepEqual((await loadDataset(own)).labels, ["bored", "joy", "wistful"]);
});

Deno.test("labels of a checkpoint set the order, and other labels are left out", async () => {
  const path = await manifest(HEADER + "a,train,x,joy\nb,dev,y,fear\nc,train,z,calm\nd,train,z,fear\n");
  const { labels, rows, rejected } = await loadDataset(path, { labels: ["joy", "anger", "fear"] });
  deepEqual(labels, ["joy", "anger", "fear"]);
  deepEqual([rows.length, rejected.map(({ id, at, reason }) => [id, at, reason])], [3, [
    ["c", `${path}, line 4`, "unknown label: 'calm'"],
  ]]);
});

Deno.test("rows to be predicted need neither label nor split", async () => {
  const { rows, labels } = await loadDataset(await manifest("id,text\na,Hello\n"), {
    labelled: false,
    labels: ["joy", "fear"],
  });
  deepEqual([rows, labels], [[{ id: "a", split: "test", text: "Hello" }], ["joy", "fear"]]);
});

Deno.test("errors for data that can't be loaded say what to do", async () => {
  const folder = await Deno.makeTempDir();
  await rejects(loadDataset(`${folder}/data`), /found nothing at .*data. Check the path./);
  await rejects(loadDataset("smaple"), /found nothing at smaple. Check the path. Did you mean 'sample'\?/);
  await rejects(
    loadDataset(folder),
    /a known kind \(sample, manifest, .*--help explains them\) but found no files at /,
  );
  await Deno.writeTextFile(`${folder}/ann_joy.wav`, "");
  await rejects(
    loadDataset(folder),
    /If the names of the clips say their labels, add --pattern: \{speaker\}/,
  );
  await Deno.remove(`${folder}/ann_joy.wav`);
  await Deno.writeTextFile(`${folder}/own.csv`, HEADER);
  await rejects(loadDataset(folder), /1 other files \(own.csv\).*If own.csv is a manifest, name it: /);
  await rejects(loadDataset(`${folder}/own.csv`), /rows that can be used but found none at/);
  await rejects(
    loadDataset(await manifest(HEADER + "a,train,x,joy\nb,train,y,joy\nc,dev,z,fear\n")),
    /at least two classes in the split 'train' but found only 'joy'/,
  );
  await rejects(
    loadDataset(await manifest(HEADER + "a,train,x,joy\nb,train,y,fear\nc,dev,z,joy\n"), {
      onlyLabels: ["joy", "faer"],
    }),
    /found only 'joy' at .* Check --labels \(only joy, faer\) and how the rows are divided\./,
  );
  const dataset = await loadDataset(await manifest(HEADER + "a,test,x,joy\nb,test,y,fear\n"));
  try {
    rowsOf(dataset, "train");
  } catch (error) {
    equal((error as Error).message.includes("none (train 0, dev 0, test 2)"), true);
  }
  equal(rowsOf(dataset, "test").length, 2);
});

Deno.test("if train has one class because rows were left out, the error names them", async () => {
  await rejects(
    loadDataset(await manifest(HEADER + "a,train,x,joy\nb,train,y,\nc,dev,z,joy\n")),
    /found only 'joy' \(left out: 1 × no label\) at .*Fix the rows .*\. The first: no label \(.*line 3\)\.$/,
  );
});

Deno.test("surprises without loss are notes", async () => {
  const path = await manifest(
    HEADER + "a,train,x,joy\nb,train,y,Joy\nc,dev,z,joy\nd,test,z,joy\ne,test,z,Joy\n",
  );
  deepEqual((await loadDataset(path)).notes, [
    "Labels that differ only in case are separate classes: joy, Joy.",
    "The split 'dev' has a single class, 'joy'.",
    "The split 'dev' has no row of 'Joy'.",
    "Macro F1 averages over all classes. The F1 of a class that a split lacks is 0 there: " +
    "macro F1 is at most 50.0 % on dev.",
  ]);
});

Deno.test("a manifest that also has the columns of MELD is read as a manifest, with a note", async () => {
  const text = "id,split,text,label,Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\n" +
    "a,train,mine,up,theirs,Ann,joy,0,0\nb,train,mine,down,theirs,Ann,fear,1,0\n" +
    "c,test,mine,up,theirs,Ann,joy,2,0\nd,dev,mine,down,theirs,Ann,fear,3,0\n";
  for (const name of ["friends_train_dev_test.csv", "manifest.csv"]) {
    const path = await manifest(text, name);
    for (const at of name === "manifest.csv" ? [path, dirname(path)] : [path]) {
      const { rows, labels, notes } = await loadDataset(at);
      deepEqual(labels, ["down", "up"]);
      deepEqual(rows.map(({ id, split, text, label }) => [id, split, text, label]), [
        ["a", "train", "mine", "up"],
        ["b", "train", "mine", "down"],
        ["c", "test", "mine", "up"],
        ["d", "dev", "mine", "down"],
      ]);
      deepEqual(notes.slice(0, 2), [
        `${path} was read as a manifest, though it has all columns of MELD, too.`,
        `Ignored columns of ${path}: 'Utterance', 'Speaker', 'Emotion', 'Dialogue_ID', 'Utterance_ID'.`,
      ]);
    }
  }
  await rejects(
    loadDataset(await manifest("id,Utterance,Emotion\na,b,joy\n")),
    /columns of a manifest .* or of MELD .*found only some of either \(columns: id, Utterance, Emotion\)/,
  );
});

Deno.test("a folder that could be read in several ways gets a note", async () => {
  const folder = await Deno.makeTempDir();
  const meld = "Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\n";
  await Deno.writeTextFile(`${folder}/train_sent_emo.csv`, meld + "Hi,Ann,joy,0,0\nNo,Ann,fear,1,0\n");
  await Deno.writeTextFile(`${folder}/dev_sent_emo.csv`, meld + "Hi,Ann,joy,0,0\nNo,Ann,fear,1,0\n");
  await Deno.writeTextFile(`${folder}/03-01-01-01-01-01-01.wav`, "");
  deepEqual(
    (await loadDataset(folder)).notes[0],
    `${folder} was read by its 2 CSV files of MELD; it also holds ` +
      "1 clips with names of RAVDESS.",
  );
  await Deno.writeTextFile(
    `${folder}/manifest.csv`,
    HEADER + "a,train,x,joy\nb,dev,y,joy\nc,train,z,anger\n",
  );
  const { rows, notes } = await loadDataset(folder);
  equal(rows.length, 3);
  equal(
    notes[0],
    `${folder} was read by its manifest.csv; it also holds 2 CSV files of MELD and 1 clips with ` +
      "names of RAVDESS.",
  );
});

Deno.test("--encoding applies to every CSV file except the sample's", async () => {
  const path = `${await Deno.makeTempDir()}/gb.csv`;
  const hex = "c4e3bac3"; // 你好, by Python's str.encode("gb18030")
  const row = (
    id: string,
    label: string,
  ) => [
    ...new TextEncoder().encode(`${id},train,`),
    ...Uint8Array.fromHex(hex),
    ...new TextEncoder().encode(`,${label}\n`),
  ];
  await Deno.writeFile(
    path,
    Uint8Array.from([...new TextEncoder().encode(HEADER), ...row("a", "joy"), ...row("b", "fear")]),
  );
  await rejects(loadDataset(path, { labelled: false }), /text in UTF-8 but found the byte C4 .*line 2/);
  const { rows } = await loadDataset(path, { labelled: false, encoding: "gb18030" });
  deepEqual(rows.map(({ text }) => text), ["你好", "你好"]);
  equal((await loadDataset("sample", { encoding: "gb18030" })).rows.length, 280);
});

testWith("shared/data/meld_x_ravdess.csv", {
  name: "the paired surrogate loads whole, its clips found",
  fn: async () => {
    const dataset = await loadDataset(shared("data/meld_x_ravdess.csv")!);
    deepEqual(dataset.labels, ["neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger"]);
    deepEqual((["train", "dev", "test"] as const).map((split) => rowsOf(dataset, split).length), [
      9989,
      1109,
      2610,
    ]);
    deepEqual([dataset.rejected, dataset.notes], [[], []]);
  },
});

Deno.test("the word sample is the data set inside the library", async () => {
  const { name, rows, labels, rejected } = await loadDataset("sample");
  deepEqual([name, rows.length, labels.length, rejected], ["sample", 280, 7, []]);
});

Deno.test("labels that are numbers are told", async () => {
  const notes = async (labels: string[]) => {
    const lines = labels.map((label, i) => `${i},${i < 4 ? "train" : "dev"},text ${i},${label}\n`);
    return (await loadDataset(await manifest(HEADER + lines.join("")))).notes;
  };
  ok(
    (await notes(["0", "1.5", "-3", "0", "1.5", "0"])).some((note) =>
      note.startsWith("The labels are numbers")
    ),
  );
  deepEqual(await notes(["0", "1", "0", "1", "0", "1"]), []);
});
