import { deepEqual, equal, rejects, throws } from "../testing/assert.ts";
import { loadDataset } from "./load.ts";
import { divideRows } from "./split.ts";
import { targetReader, targetsIn } from "./target.ts";
import type { Dataset } from "./utterance.ts";

/** Writes a manifest whose rows have a text, and loads it. */
async function load(columns: string, rows: string[], options = {}): Promise<Dataset> {
  const path = `${await Deno.makeTempDir()}/own.csv`;
  const lines = rows.map((row, i) => `r${i},${i < 4 ? "train" : "dev"},text ${i},${row}`);
  await Deno.writeTextFile(path, [`id,split,text,${columns}`, ...lines].join("\n") + "\n");
  return await loadDataset(path, options);
}

Deno.test("columns label:… are votes, scaled to sum to 1, and a note says so", async () => {
  const votes = ["3,1,0", "0,0,5", "1,1,2", "0,4,0", "1,0,0"];
  const { target, labels, rows, notes } = await load("label:anger,label:joy,label:calm", votes);
  deepEqual([target, labels], ["distribution", ["anger", "joy", "calm"]]);
  deepEqual(rows[0].target, { anger: 0.75, joy: 0.25, calm: 0 });
  deepEqual(rows[2].target, { anger: 0.25, joy: 0.25, calm: 0.5 });
  equal(rows[0].label, undefined);
  equal(notes.filter((note) => note.includes("are read as votes, scaled to sum to 1 in each row")).length, 1);
  const shares = await load("label:a,label:b", ["0.5,0.5", "1,0", "0,1", "0.1,0.9", "1,0"]);
  equal(shares.notes.some((note) => note.includes("votes")), false);
});

Deno.test("columns has:… are labels, each 0 or 1, and a row may have none", async () => {
  const { target, labels, rows } = await load("has:anger,has:joy", ["1,1", "0,0", "0,1", "1,0", "1,0"]);
  deepEqual([target, labels], ["labels", ["anger", "joy"]]);
  deepEqual(rows.slice(0, 2).map((row) => row.target), [{ anger: 1, joy: 1 }, { anger: 0, joy: 0 }]);
});

Deno.test("columns value:… are continuous values, negative ones too", async () => {
  const found = await load("value:valence,value:arousal", ["-1.5,2", "0.25,1e-3", "1,1", "2,2", "0,0"]);
  deepEqual([found.target, found.labels], ["values", ["valence", "arousal"]]);
  deepEqual(found.rows[0].target, { valence: -1.5, arousal: 2 });
  deepEqual(targetsIn(found)(found.rows[1]), { kind: "values", value: [0.25, 0.001] });
  equal(targetsIn(found)({ target: { valence: 1 } }), undefined);
});

Deno.test("rows whose numbers can't be used are left out with the reason", async () => {
  const reasons = async (columns: string, bad: string[]) =>
    (await load(columns, ["1,0", "0,1", "1,0", "0,1", "1,0", "0,1", ...bad])).rejected
      .map(({ reason }) => reason);
  deepEqual(await reasons("label:a,label:b", ["0,0", "-1,2", "x,1", ",", "1e308,1e308", "1,"]), [
    "no votes",
    "votes below 0: -1 for 'a'",
    "no number: 'x' for 'a'",
    "no target",
    "votes too large to add",
    "no number: '' for 'b'",
  ]);
  deepEqual(await reasons("has:a,has:b", ["2,0", "0.5,1", "Infinity,0"]), [
    "neither 0 nor 1: 2 for 'a'",
    "neither 0 nor 1: 0.5 for 'a'",
    "no number: 'Infinity' for 'a'",
  ]);
  deepEqual(await reasons("value:a,value:b", ["1e30,0", "NaN,0", '"0,5",1']), [
    "value too large: 1e+30 for 'a'",
    "no number: 'NaN' for 'a'",
    "no number: '0,5' for 'a'",
  ]);
});

Deno.test("several kinds of target in one file are refused, unless one is chosen", async () => {
  const columns = "label,value:valence", rows = ["joy,1", "anger,-1", "joy,0.5", "joy,0", "anger,1"];
  await rejects(
    load(columns, rows),
    /columns of one kind of target but found 'label' \(class\) and 'value:valence' \(values\) .*Choose with --target class or --target values\./,
  );
  deepEqual((await load(columns, rows, { target: "class" })).labels, ["joy", "anger"]);
  const { labels, rows: found, notes } = await load(columns, rows, { target: "values" });
  deepEqual([labels, found[0].label, found[0].target], [["valence"], undefined, { valence: 1 }]);
  equal(notes.some((note) => note.includes("Ignored columns") && note.includes("'label'")), true);
});

Deno.test("another kind than demanded, or a dimension that the model has, is refused when it is missing", async () => {
  const rows = ["1", "2", "3", "4", "5"];
  await rejects(
    load("value:valence", rows, { target: "labels" }),
    /targets of the kind 'labels' but found the kind 'values' .* a column 'has:<label>' for each label/,
  );
  await rejects(
    load("value:valence", rows, { target: "values", labels: ["valence", "arousal"] }),
    /targets of 'valence', 'arousal', as the model has them, but found none of 'arousal'/,
  );
});

Deno.test("rows to be predicted need no target, and a bad one is no reason to refuse them", async () => {
  const found = await load("has:a,has:b", ["1,0", ",", "7,0", "0,1"], { labelled: false });
  deepEqual(found.rows.map(({ target }) => target), [{ a: 1, b: 0 }, undefined, undefined, { a: 0, b: 1 }]);
  const classes = { target: "class", labels: ["a"], path: "x" } as const;
  deepEqual(targetReader(classes, { labelled: true })({ at: "", id: "r", label: "a" }), { label: "a" });
});

Deno.test("votes for a class that the model lacks are refused, whatever the order of the columns", async () => {
  const demands = { target: "distribution", labels: ["joy", "anger"] };
  const { rows, rejected } = await load("label:anger,label:joy,label:calm", [
    "1,0,0",
    "0,3,1",
    "1,3,0",
    "0,1,0",
    "1,1,0",
  ], demands);
  deepEqual(Object.entries(rows[1].target!), [["joy", 0.75], ["anger", 0.25]]);
  deepEqual(rejected.map(({ reason }) => reason), ["votes for an unknown label: 'calm'"]);
});

Deno.test("train with a single target is refused; constant dimensions and absent labels are told", async () => {
  await rejects(load("value:a", ["1", "1", "1", "1", "2"]), /two different targets in the split 'train'/);
  const { notes } = await load("value:a,value:b", ["1,0", "2,0", "3,0", "4,0", "5,1"]);
  deepEqual(notes, [
    "'b' is 0 in every row of the split 'train'. Nothing can be learned of it.",
    "'a' is 5 in every row of the split 'dev'. Its CCC is 0 or undefined there.",
    "'b' is 1 in every row of the split 'dev'. Its CCC is 0 or undefined there.",
  ]);
  const labels = await load("has:a,has:b", ["1,0", "0,0", "1,0", "1,0", "1,1"]);
  equal(labels.notes[0], "The label 'b' (1 in dev) has no row in train.");
  equal(labels.notes[1].startsWith("Macro F1 averages over all classes"), true);
});

Deno.test("an automatic division keeps the shares of labels and of votes alike", () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({
    id: `r${i}`,
    text: `text ${i}`,
    target: { often: Number(i % 2 === 0), seldom: Number(i % 10 === 0), never: 0 },
  }));
  for (const target of ["labels", "distribution"] as const) {
    const divided = divideRows(rows, { target, seed: 1, at: "x" }).rows;
    const share = (split: string, name: "often" | "seldom") => {
      const own = divided.filter((row) => row.split === split);
      return own.filter((row) => row.target![name] > 0).length / own.length;
    };
    for (const split of ["train", "dev", "test"]) {
      equal(Math.abs(share(split, "often") - 0.5) < 0.03, true, split);
      equal(Math.abs(share(split, "seldom") - 0.1) < 0.03, true, split);
    }
  }
  const values = divideRows(rows, { target: "values", seed: 1, at: "x" }).rows;
  equal(values.filter(({ split }) => split === "train").length, 160);
});

Deno.test("a source that names a kind without its names, or a kind that does not exist, is refused", async () => {
  const { registerDataSource } = await import("./sources/mod.ts");
  const source = (id: string, more: object) => ({
    id,
    name: id,
    summary: id,
    recognise: () => undefined,
    read: () => ({ candidates: [], root: ".", ...more }),
  });
  registerDataSource(source("no-names", { target: "values" }));
  registerDataSource(source("no-kind", { target: "ranks" }));
  registerDataSource(
    source("no-text", {
      target: "values",
      labels: ["a"],
      candidates: [{ at: "row 1", id: "r", target: { a: 0.5 } }],
    }),
  );
  await rejects(loadDataset("no-names:."), /labels for targets of the kind 'values' .* found none/);
  await rejects(loadDataset("no-kind:."), /a kind of target .* but found "ranks"/);
  await rejects(loadDataset("no-text:."), /rows of strings .* found a: 0\.5 at row 1/);
  throws(
    () => targetReader({ target: "values", labels: ["a"], path: "x" }, { target: "class", labelled: true }),
    /found the kind 'values'/,
  );
});
