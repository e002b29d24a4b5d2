import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { auditDataset } from "./audit.ts";
import { loadDataset, loadFolds, type LoadOptions } from "./load.ts";
import { labelReader, mappingWords } from "./map_labels.ts";

/** Writes a manifest whose rows have a text and the given cells, and loads it. */
async function load(columns: string, cells: readonly string[], options: LoadOptions = {}) {
  const path = `${await Deno.makeTempDir()}/own.csv`, part = Math.ceil(cells.length / 2);
  const lines = cells.map((cell, i) => `r${i},${i < part ? "train" : "dev"},text ${i},${cell}`);
  await Deno.writeTextFile(path, [`id,split,text,${columns}`, ...lines].join("\n") + "\n");
  const { labels, rows, rejected, notes } = await loadDataset(path, options);
  return {
    path,
    labels,
    rejected: rejected.map(({ id, reason }) => `${id}: ${reason}`),
    notes: notes.filter((note) => /mapped|map drops|--labels|no place|Only/.test(note)),
    found: rows.map(({ id, label, target }) => [id, target ?? label]),
    dataset: { rows, labels },
  };
}

const WORDS = ["hap", "exc", "ang", "oth", "hap", "exc", "ang", "xxx"];

Deno.test("a map merges, renames and drops labels, and tells each by count", async () => {
  const { labels, found, notes, rejected } = await load("label", WORDS, {
    labelMap: { hap: "happy", EXC: "happy", oth: null, xxx: "" },
  });
  deepEqual(labels, ["ang", "happy"]);
  deepEqual(found, [
    ...[["r0", "happy"], ["r1", "happy"], ["r2", "ang"]],
    ...[["r4", "happy"], ["r5", "happy"], ["r6", "ang"]],
  ]);
  deepEqual(rejected, []);
  deepEqual(notes, [
    "Labels are mapped: 'hap' (2 rows), 'exc' (2) as 'happy'.",
    "The label map drops 'oth' (1 row), 'xxx' (1): 2 rows left out.",
  ]);
});

Deno.test("a label space drops what it has no place for, and its labels have its order", async () => {
  const { labels, found, notes } = await load("label", [...WORDS, "neu"], { labelMap: "iemocap-4" });
  deepEqual(labels, ["angry", "happy", "neutral"]); // the data lack sad
  deepEqual(found.map(([, label]) => label), [
    "happy",
    "happy",
    "angry",
    "happy",
    "happy",
    "angry",
    "neutral",
  ]);
  ok(
    notes.includes("iemocap-4 has no place for 'oth' (1 row), 'xxx' (1): 2 rows left out."),
    notes.join("\n"),
  );
});

Deno.test("only some labels are kept, in the given order, after they are mapped", async () => {
  const { labels, found, notes } = await load("label", WORDS, {
    labelMap: { hap: "happy", exc: "happy" },
    onlyLabels: ["happy", "sad", "ang"],
  });
  deepEqual(labels, ["happy", "sad", "ang"]);
  equal(found.length, 6);
  deepEqual(notes, [
    "Labels are mapped: 'hap' (2 rows), 'exc' (2) as 'happy'.",
    "Only happy, sad, ang are kept, without 'oth' (1 row), 'xxx' (1): 2 rows left out.",
    "The data have no label 'sad', which --labels.only keeps.",
  ]);
});

Deno.test("rows to be predicted lack no label of a map, and a mistyped label gets the right one suggested", async () => {
  const reading = { labelMap: { hap: "happy" }, onlyLabels: ["happpy", "ang", "exc", "oth"] };
  ok((await load("label", WORDS, reading)).notes.at(-1)!.endsWith("Did you mean 'happy'?"));
  deepEqual((await load("mood", ["Hi"], { ...reading, labelled: false })).notes, []);
});

Deno.test("votes for other labels are left out, and a label without a column is no class", async () => {
  const { labels, found } = await load("label:a,label:b,label:c", ["1,1,2", "0,1,0", "1,0,0", "1,3,0"], {
    onlyLabels: ["b", "x", "a"],
  });
  deepEqual(labels, ["b", "a"]);
  deepEqual(found[0], ["r0", { b: 0.5, a: 0.5 }]);
});

Deno.test("names that the data lack are told, with the nearest", async () => {
  const { notes } = await load("label", WORDS, { labelMap: { hapy: "happy", wistful: null } });
  deepEqual(notes, [
    "--labels.map names 'hapy', which the data lack. Did you mean 'hap'?",
    "--labels.map names 'wistful', which the data lack (their labels: 'hap', 'exc', 'ang' and 2 more).",
  ]);
});

Deno.test("labels change places at once, and an exact name comes before one in another case", () => {
  deepEqual(["a", "b"].map(labelReader({ labelMap: { a: "b", b: "a" } })), ["b", "a"]);
  deepEqual(["Joy", "joy", "JOY"].map(labelReader({ labelMap: { joy: "happy", Joy: "glee" } })), [
    "glee",
    "happy",
    "glee",
  ]);
});

Deno.test("votes of merged labels add up, and those of dropped ones leave the rest scaled to 1", async () => {
  const { labels, found, notes, rejected } = await load(
    "label:hap,label:exc,label:ang,label:oth",
    ["1,2,1,0", "1,0,1,2", "0,0,0,3", "0,0,4,0", "0,1,0,1", "0,0,1,0", "x,0,1,0", "0,0,0,0"],
    { labelMap: { hap: "happy", exc: "happy", oth: null } },
  );
  deepEqual(labels, ["happy", "ang"]);
  deepEqual(found, [
    ["r0", { happy: 0.75, ang: 0.25 }],
    ["r1", { happy: 0.5, ang: 0.5 }],
    ["r3", { happy: 0, ang: 1 }],
    ["r4", { happy: 1, ang: 0 }],
    ["r5", { happy: 0, ang: 1 }],
  ]);
  deepEqual(rejected, ["r6: no number: 'x' for 'happy'", "r7: no votes"]);
  ok(
    notes.includes(
      "The label map drops 'oth' (3 rows): the other votes of a row are scaled to 1; 1 row without other votes " +
        "left out.",
    ),
    notes.join("\n"),
  );
});

Deno.test("a row has a merged label if it has one of them, and keeps none if it loses its last", async () => {
  const { labels, found } = await load(
    "has:hap,has:exc,has:oth",
    ["1,1,0", "0,0,1", "0,1,1", "0,0,0"],
    { labelMap: { hap: "happy", exc: "happy", oth: null } },
  );
  deepEqual(labels, ["happy"]);
  deepEqual(found.map(([, target]) => (target as Record<string, number>).happy), [1, 0, 1, 0]);
});

Deno.test("continuous values and maps that leave nothing are refused", async () => {
  await rejects(
    load("value:valence", ["1", "2", "3"], { labelMap: { valence: "arousal" } }),
    /labels to map but found continuous values \(valence\).*Leave --labels out/,
  );
  await rejects(
    load("label", ["W", "L", "W", "L"], { labelMap: "meld-7" }),
    /a label that is kept \(the label space meld-7\) but found none among 'W', 'L' .*--labels\.map '\{"W": "<label>", …\}'/,
  );
});

Deno.test("an official list of labels is mapped; a label that it lacks is rejected or renamed", async () => {
  const folder = await Deno.makeTempDir(), header = "Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\n";
  const labels = ["joy", "anger", "jyo", "surprise", "neutral"];
  for (const name of ["train", "dev", "test"]) {
    await Deno.writeTextFile(
      `${folder}/${name}_sent_emo.csv`,
      header + labels.map((label, i) => `Text ${i},Ann,${label},0,${i}\n`).join(""),
    );
  }
  const kept = await loadDataset(folder, { modalities: ["text"], labelMap: { surprise: null } });
  deepEqual(kept.labels, ["neutral", "fear", "sadness", "joy", "disgust", "anger"]);
  deepEqual(kept.rejected.map(({ reason }) => reason), Array(3).fill("unknown label: 'jyo' (is it 'joy'?)"));
  const renamed = await loadDataset(folder, { modalities: ["text"], labelMap: { jyo: "glee" } });
  deepEqual([renamed.labels.at(-1), renamed.rejected.length], ["glee", 0]);
});

Deno.test("rows to be predicted stay without their label if it is dropped", async () => {
  const { found, notes } = await load("label", WORDS, {
    labelled: false,
    labelMap: { hap: "happy", oth: null, exc: null },
  });
  deepEqual(found.map(([, label]) => label), [
    ...["happy", undefined, "ang", undefined, "happy", undefined, "ang", "xxx"],
  ]);
  ok(
    notes.includes("The label map drops 'exc' (2 rows), 'oth' (1): such rows have no label."),
    notes.join("\n"),
  );
});

Deno.test("folds and audits see the mapped labels", async () => {
  const { path } = await load("label", WORDS);
  const labelMap = { hap: "happy", exc: "happy", oth: null, xxx: null };
  const [{ dataset }] = await loadFolds(path, { protocol: "kfold:2", labelMap, modalities: ["text"] });
  deepEqual([dataset.labels, dataset.rows.length], [["ang", "happy"], 6]);
  const { labels, notes } = auditDataset(await loadDataset(path, { labelMap, modalities: ["text"] }));
  deepEqual(labels.happy, { train: 2, dev: 2, test: 0 });
  match(notes.join("\n"), /The label map drops 'oth' \(1 row\), 'xxx' \(1\): 2 rows left out/);
});

Deno.test("a mapping is worded for reports", () => {
  equal(mappingWords({ labelMap: "meld-7" }), "the label space meld-7");
  equal(
    mappingWords({ labelMap: { exc: "happy", hap: "happy", oth: null, xxx: "" } }),
    "exc and hap as happy; without oth, xxx",
  );
  equal(mappingWords({ labelMap: {} }), "no label changed");
  equal(mappingWords({ labelMap: "meld-7", onlyLabels: ["joy"] }), "the label space meld-7; only joy");
});
