import { deepEqual, equal, match, ok, throws } from "../testing/assert.ts";
import type { UnsplitRow } from "./check.ts";
import { loadDataset } from "./load.ts";
import { divideRows, groupKeys, groupsOf, splitByGroups } from "./split.ts";
import { random } from "../random.ts";
import { shared } from "../testing/shared.ts";
import { testWith } from "../testing/needs.ts";

const LABELS = ["joy", "fear", "anger"];

function corpus(size: number, speakers: number): UnsplitRow[] {
  const { integer } = random(1);
  return Array.from({ length: size }, (_, i) => ({
    id: `u${i}`,
    text: `text ${i}`,
    label: LABELS[Math.min(2, integer(6))],
    speaker: `s${integer(speakers)}`,
  }));
}

Deno.test("rows that share any key are one group, also through other rows", () => {
  const rows = [
    { id: "0", speaker: "a", dialogue: "1", text: "So!" },
    { id: "1", speaker: "b", dialogue: "2", text: "!" },
    { id: "2", speaker: "b", dialogue: "1", text: "..." },
    { id: "3", speaker: "c", dialogue: "3" },
    { id: "4", text: "so" },
  ];
  deepEqual(groupsOf(rows, ["speaker", "dialogue"]), [0, 0, 0, 3, 4]);
  deepEqual(groupsOf(rows, ["dialogue"]), [0, 1, 0, 3, 4]);
  deepEqual(groupsOf(rows, ["text"]), [0, 1, 2, 3, 0]);
});

Deno.test("rows that share a clip stay together if enough groups are left", () => {
  const row = (dialogue: number, clip: number): UnsplitRow => ({
    id: `${dialogue} ${clip}`,
    text: `text ${clip}`,
    label: LABELS[dialogue % 3],
    dialogue: `${dialogue}`,
    audio: `${clip}.wav`,
  });
  // Dialogues 0 and 1, 2 and 3, … share a clip.
  const pairs = Array.from({ length: 12 }, (_, d) => [row(d, d), row(d, 100 + (d >> 1))]).flat();
  deepEqual(groupKeys(pairs), ["dialogue", "audio"]);
  deepEqual(groupKeys(pairs.map((row, i) => ({ ...row, audio: `${i}.wav` }))), ["dialogue"]);
  deepEqual(groupKeys(pairs.slice(0, 14)), ["dialogue"]);
  const { rows } = divideRows(pairs, { seed: 0, at: "x.csv" });
  const splits = Map.groupBy(rows, ({ audio }) => audio);
  for (const [clip, same] of splits) equal(new Set(same.map(({ split }) => split)).size, 1, `${clip}`);
});

Deno.test("too few speakers to keep apart are told", () => {
  const told = (speakers: number) => divideRows(corpus(60, speakers), { seed: 0, at: "x.csv" }).notes.at(-1)!;
  match(told(3), /^3 of 3 speakers are in several splits, .* --protocol loso keeps speakers apart\.$/);
  ok(!/several splits/.test(told(10)));
});

Deno.test("no group is in two splits, and labels keep their shares", () => {
  const rows = corpus(2000, 100);
  const splits = splitByGroups(rows, { train: 0.8, dev: 0.1, test: 0.1 }, { keys: ["speaker"], seed: 1 });
  const of = new Map<string, string>();
  rows.forEach(({ speaker }, i) =>
    equal(of.get(speaker!) ?? splits[i], (of.set(speaker!, splits[i]), splits[i]))
  );
  for (const label of LABELS) {
    const all = rows.flatMap((row, i) => row.label === label ? [splits[i]] : []);
    for (const [split, share] of [["train", 0.8], ["dev", 0.1], ["test", 0.1]] as const) {
      const found = all.filter((name) => name === split).length / all.length;
      ok(Math.abs(found - share) < 0.015, `${label} ${split} ${found}`);
    }
  }
});

Deno.test("the seed decides, and no split stays empty", () => {
  const rows = corpus(300, 30);
  const split = (seed: number) => splitByGroups(rows, { train: 0.8, dev: 0.2 }, { keys: ["speaker"], seed });
  deepEqual(split(1), split(1));
  ok(split(1).some((name, i) => name !== split(2)[i]));
  const three = splitByGroups(corpus(30, 3), { train: 0.8, dev: 0.1, test: 0.1 }, {
    keys: ["speaker"],
    seed: 0,
  });
  deepEqual([...new Set(three)].sort(), ["dev", "test", "train"]);
});

Deno.test("the strictest keys that leave enough groups are chosen", () => {
  deepEqual(groupKeys(corpus(100, 20)), ["speaker"]);
  deepEqual(groupKeys(corpus(100, 3)), ["text", "audio"]);
  deepEqual(groupKeys(corpus(100, 20).map((row, i) => ({ ...row, dialogue: `${i % 25}` }))), ["dialogue"]);
  deepEqual(groupKeys(corpus(100, 20).map((row) => ({ ...row, dialogue: row.speaker }))), [
    "speaker",
    "dialogue",
  ]);
  equal(groupKeys(corpus(4, 4)), undefined);
});

Deno.test("only rows without a split are divided, and a note says so", () => {
  const rows = corpus(100, 20);
  const { rows: divided, notes } = divideRows(rows, { seed: 0, at: "x.csv" });
  deepEqual([...new Set(divided.map(({ split }) => split))].sort(), ["dev", "test", "train"]);
  ok(
    notes[0].startsWith("x.csv has no splits. Its rows were divided by speaker with seed 0: train "),
    notes[0],
  );

  const half = rows.map((row, i) => ({ ...row, split: i % 2 ? "train" as const : "test" as const }));
  const carved = divideRows(half, { seed: 0, at: "x.csv" });
  carved.rows.forEach(({ split }, i) => equal(split === "test", i % 2 === 0));
  ok(carved.rows.some(({ split }) => split === "dev"));
  ok(carved.notes[0].startsWith("x.csv has no rows of the split 'dev'. Part of train was moved to dev by "));

  const test = half.filter(({ split }) => split === "test");
  deepEqual(divideRows(test, { seed: 0, at: "x.csv" }), { rows: test, notes: [] });
  throws(
    () => divideRows(corpus(3, 3), { seed: 0, at: "x.csv" }),
    /column 'split' but found none, and too few rows/,
  );
});

/** Random corpora: sizes, numbers of speakers and labels, and clips and texts that rows share. */
function corpora(count: number): UnsplitRow[][] {
  return Array.from({ length: count }, (_, seed) => {
    const { integer } = random(100 + seed), size = 30 + integer(200), speakers = 5 + integer(40);
    return Array.from({ length: size }, (_, i) => ({
      id: `u${i}`,
      text: `text ${integer(size * 3)}`,
      label: `label ${Math.min(integer(6), integer(6))}`,
      ...(seed % 3 ? { speaker: `s${integer(speakers)}` } : {}),
      ...(seed % 2 ? { audio: `${integer(size * 2)}.wav` } : {}),
    }));
  });
}

const byId = (rows: readonly UnsplitRow[]) => Object.fromEntries(rows.map(({ id, split }) => [id, split]));

Deno.test("any corpus: no group is parted, and the order of the rows does not matter", () => {
  for (const [number, rows] of corpora(60).entries()) {
    const keys = groupKeys(rows);
    if (keys === undefined) continue;
    const { rows: divided } = divideRows(rows, { seed: number, at: "x.csv" });
    const groups = groupsOf(rows, keys), seen = new Map<number, string>();
    divided.forEach(({ split }, i) =>
      equal(seen.get(groups[i]) ?? split, (seen.set(groups[i], split), split))
    );
    equal(new Set(divided.map(({ split }) => split)).size, 3, `corpus ${number}`);
    const shuffled = random(7).shuffle([...rows]);
    deepEqual(byId(divideRows(shuffled, { seed: number, at: "x.csv" }).rows), byId(divided));
  }
});

Deno.test("any corpus of unrelated rows: each label's shares are within one row of the aim", () => {
  for (const [number, related] of corpora(60).entries()) {
    const rows = related.map(({ id, label }, i) => ({ id, label, text: `text ${i}` }));
    const { rows: divided } = divideRows(rows, { seed: number, at: "x.csv" });
    for (const [label, own] of Map.groupBy(divided, ({ label }) => label)) {
      for (const [split, share] of [["train", 0.8], ["dev", 0.1], ["test", 0.1]] as const) {
        const found = own.filter((row) => row.split === split).length;
        ok(Math.abs(found - share * own.length) <= 1, `corpus ${number}: ${found} of ${own.length} ${label}`);
      }
    }
  }
});

Deno.test("a note tells the shares that each label got", () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => ({ id: `${i}`, text: `text ${i}`, label: i % 4 ? "joy" : "fear" }),
  );
  const { notes } = divideRows(rows, { seed: 0, at: "x.csv" });
  equal(notes[1], "Shares of train/dev/test in percent by label: 'joy' 80/10/10, 'fear' 80/10/10.");
});

testWith("shared/data/meld", {
  name: "MELD's train alone is divided by dialogue",
  fn: async () => {
    const { rows, notes } = await loadDataset(shared("data/meld")! + "/train_sent_emo.csv", {
      modalities: ["text"],
    });
    ok(notes[0].includes("by dialogue with seed"), notes[0]);
    const dialogues = (split: string) =>
      new Set(rows.flatMap((row) => row.split === split ? [row.dialogue!] : []));
    equal(dialogues("train").intersection(dialogues("dev")).size, 0);
    const share = (label: string, split: string) =>
      rows.filter((row) => row.label === label && row.split === split).length;
    for (const label of ["fear", "disgust", "neutral"]) {
      const found = share(label, "dev") / (share(label, "dev") + share(label, "train"));
      ok(Math.abs(found - 0.1) < 0.01, `${label} ${found}`);
    }
  },
});
