import { deepEqual, equal, rejects } from "../testing/assert.ts";
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

Deno.test("a manifest is known as a file and by its folder; labels stand in a known order or by name", async () => {
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

Deno.test("what can't be loaded is said with what to do", async () => {
  const folder = await Deno.makeTempDir();
  await rejects(loadDataset(`${folder}/data`), /found nothing at .*data. Check the path./);
  await rejects(loadDataset("smaple"), /found nothing at smaple. Check the path. Is it 'sample'\?/);
  await rejects(loadDataset(folder), /a folder with manifest.csv, .* but found no files at /);
  await Deno.writeTextFile(`${folder}/own.csv`, HEADER);
  await rejects(loadDataset(folder), /1 other files \(own.csv\).*If own.csv is a manifest, name it: /);
  await rejects(loadDataset(`${folder}/own.csv`), /rows that can be used but found none at/);
  await rejects(
    loadDataset(await manifest(HEADER + "a,train,x,joy\nb,train,y,joy\nc,dev,z,fear\n")),
    /at least two classes in the split 'train' but found 'joy' alone/,
  );
  const dataset = await loadDataset(await manifest(HEADER + "a,test,x,joy\nb,test,y,fear\n"));
  try {
    rowsOf(dataset, "train");
  } catch (error) {
    equal((error as Error).message.includes("none (train 0, dev 0, test 2)"), true);
  }
  equal(rowsOf(dataset, "test").length, 2);
});

Deno.test("surprises that lose nothing are notes", async () => {
  const path = await manifest(
    HEADER + "a,train,x,joy\nb,train,y,Joy\nc,dev,z,joy\nd,test,z,joy\ne,test,z,Joy\n",
  );
  deepEqual((await loadDataset(path)).notes, [
    "Labels that differ only in case are classes of their own: joy, Joy.",
    "The split 'dev' has a single class, 'joy'.",
  ]);
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
