import { deepEqual, equal, match, ok, throws } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { type Dataset, splitNamed, type Utterance } from "../utterance.ts";
import { turnsAround } from "../dialogue.ts";
import { groupsOf } from "../split.ts";
import { foldsOf } from "./folds.ts";

const LABELS = ["anger", "joy", "neutral"];

/** Rows of random speakers, each with sessions of its own, and dialogues within a session. */
function dataset(
  seed: number,
  speakers: number,
  changes: (i: number) => Partial<Utterance> = () => ({}),
): Dataset {
  const { integer } = random(seed);
  const rows = Array.from({ length: 40 * speakers }, (_, i): Utterance => {
    const speaker = integer(speakers), session = speaker >> 1;
    return {
      id: `u${i}`,
      split: "train",
      text: `text ${integer(200)}`,
      audio: `${i}.wav`,
      label: LABELS[Math.min(2, integer(5))],
      speaker: `s${speaker}`,
      session: `${session}`,
      corpus: `c${session % 3}`,
      dialogue: `s${speaker} ${integer(4)}`,
      ...changes(i),
    };
  });
  return {
    name: "x",
    target: "class",
    labels: LABELS,
    rows,
    source: "x.csv",
    root: ".",
    rejected: [],
    notes: [],
  };
}

const tests = (rows: readonly Utterance[]) => rows.filter(({ split }) => split === "test");

/** Asserts that each value of a key has one split in each fold. */
function requireDisjoint(data: Dataset, protocol: string, key: (row: Utterance) => string | undefined) {
  for (const fold of foldsOf(data, protocol)) {
    const seen = new Map<string, string>();
    for (const row of fold.dataset.rows) {
      const value = key(row);
      if (value === undefined) continue;
      equal(row.split, seen.get(value) ?? row.split, `${protocol}, fold ${fold.number}: ${value}`);
      seen.set(value, row.split);
    }
    deepEqual([...new Set(fold.dataset.rows.map(({ split }) => split))].sort(), ["dev", "test", "train"]);
  }
}

for (const seed of [1, 2, 3]) {
  const data = dataset(seed, 12);
  for (const protocol of ["kfold:2", "kfold:5", "kfold:5:7", "loso", "session", "lodo"]) {
    Deno.test(`${protocol}, data ${seed}: no speaker or dialogue in two splits, each row tested once`, () => {
      requireDisjoint(data, protocol, ({ speaker }) => speaker);
      requireDisjoint(data, protocol, ({ dialogue }) => dialogue);
      const tested = foldsOf(data, protocol).flatMap(({ dataset }) =>
        tests(dataset.rows).map(({ id }) => id)
      );
      deepEqual(tested.toSorted(), data.rows.map(({ id }) => id).toSorted());
    });

    Deno.test(`${protocol}, data ${seed}: the order of the rows does not matter`, () => {
      const splits = (of: Dataset) =>
        foldsOf(of, protocol).map(({ name, dataset }) => [
          name,
          Object.fromEntries(dataset.rows.map(({ id, split }) => [id, split]).sort()),
        ]);
      const shuffled = { ...data, rows: random(seed).shuffle([...data.rows]) };
      deepEqual(splits(shuffled), splits(data));
    });
  }
}

Deno.test("without speakers dialogues stay whole, without dialogues texts", () => {
  const dialogues = dataset(4, 12, () => ({ speaker: undefined }));
  requireDisjoint(dialogues, "kfold:4", ({ dialogue }) => dialogue);
  const texts = dataset(4, 12, () => ({ speaker: undefined, dialogue: undefined }));
  requireDisjoint(texts, "kfold:4", ({ text }) => text);
});

Deno.test("speakers who share dialogues are tied, unless that ties most rows", () => {
  const pairs = dataset(5, 12, (i) => ({ dialogue: `${i % 12 >> 1}`, speaker: `s${i % 12}` }));
  requireDisjoint(pairs, "kfold:3", ({ dialogue }) => dialogue);
  const all = dataset(5, 12, (i) => ({ dialogue: `${i % 7}`, speaker: `s${i % 12}` }));
  requireDisjoint(all, "kfold:3", ({ speaker }) => speaker);
  ok(foldsOf(all, "kfold:3")[0].dataset.notes.some((note) => /^7 dialogues have rows in test/.test(note)));
});

Deno.test("context never crosses a split of a fold, also where speakers divide a dialogue", () => {
  const data = dataset(5, 12, (i) => ({ dialogue: `${i % 7}`, speaker: `s${i % 12}`, turn: i }));
  for (const protocol of ["kfold:3", "loso"]) {
    for (const { dataset: { rows } } of foldsOf(data, protocol)) {
      const around = turnsAround(rows);
      for (const row of rows) {
        const { past, future } = around(row, 8, 8);
        ok(
          [...past, ...future].every(({ split, dialogue }) =>
            split === row.split && dialogue === row.dialogue
          ),
        );
        ok(past.every(({ turn }) => turn! < row.turn!) && future.every(({ turn }) => turn! > row.turn!));
      }
    }
  }
});

Deno.test("kfold keeps the shares of the labels alike", () => {
  const data = dataset(6, 60);
  for (const { dataset: { rows } } of foldsOf(data, "kfold:5")) {
    for (const label of LABELS) {
      const all = rows.filter((row) => row.label === label);
      const share = tests(all).length / all.length;
      ok(Math.abs(share - 0.2) < 0.03, `${label}: ${share}`);
    }
  }
});

Deno.test("other seeds draw other folds", () => {
  const first = (protocol: string) =>
    tests(foldsOf(dataset(7, 20), protocol)[0].dataset.rows).map(({ id }) => id);
  deepEqual(first("kfold:4"), first("kfold:4:0"));
  ok(JSON.stringify(first("kfold:4")) !== JSON.stringify(first("kfold:4:1")));
});

Deno.test("sessions that share a speaker are one fold, which a note says", () => {
  const data = dataset(
    8,
    8,
    (i) => ({ speaker: `s${i % 8}`, session: `${i % 8 === 0 ? i % 2 + (i % 3 ? 0 : 1) : (i % 8) >> 1}` }),
  );
  const folds = foldsOf(data, "session");
  equal(folds[0].name, "0 + 1");
  ok(folds[0].dataset.notes.some((note) => note.includes("one fold: '0 + 1'")));
  requireDisjoint(data, "session", ({ speaker }) => speaker);
});

Deno.test("EmoBox's folds of RAVDESS test each actor once, and dev has the next fold's actors", () => {
  const actors = Array.from({ length: 24 }, (_, i) => String(i + 1).padStart(2, "0"));
  const rows = actors.flatMap((actor) =>
    ["01", "02", "03", "04"].map((emotion, e): Utterance => ({
      id: `03-01-${emotion}-01-01-01-${actor}`,
      split: "train",
      audio: `${actor}-${emotion}.wav`,
      label: LABELS[e % 3],
      speaker: `actor_${actor}`,
    }))
  );
  const data = { ...dataset(1, 1), rows };
  const folds = foldsOf(data, "emobox");
  const of = (
    fold: number,
    split: string,
  ) => [
    ...new Set(
      folds[fold].dataset.rows.flatMap((row) => row.split === split ? Number(row.speaker!.slice(6)) : []),
    ),
  ];
  const published = [
    [1, 11, 20, 21],
    [4, 10, 12, 14],
    [8, 9, 19, 23],
    [3, 5, 7, 24],
    [2, 15, 16, 18],
    [6, 13, 17, 22],
  ];
  deepEqual(folds.map((_, fold) => of(fold, "test")), published);
  deepEqual(folds.map((_, fold) => of(fold, "dev")), [...published.slice(1), published[0]]);
  requireDisjoint(data, "emobox", ({ speaker }) => speaker);
  ok(!folds[0].dataset.notes.some((note) => note.includes("missing")));
  const some = { ...data, rows: rows.filter(({ speaker }) => Number(speaker!.slice(6)) <= 4) };
  ok(
    foldsOf(some, "emobox")[0].dataset.notes.some((note) => /No row is tested by EmoBox's fold 3/.test(note)),
  );
  ok(
    foldsOf(some, "emobox")[0].dataset.notes.some((note) => /^The actors 5, 6, .*24 are missing/.test(note)),
  );
});

Deno.test("folds of files are taken as they are, and what they leave out is told", () => {
  const split = ["test,train", "train,test", "dev,dev", "train,train", ",train"];
  const data = {
    ...dataset(1, 1),
    rows: split.map((folds, i): Utterance => ({
      id: `${i}`,
      split: "train",
      label: LABELS[i % 3],
      audio: `${i}.wav`,
      folds: folds.split(",").map(splitNamed),
    })),
  };
  const folds = foldsOf(data, "emobox");
  deepEqual(folds.map(({ dataset }) => dataset.rows.map(({ split }) => split)), [
    ["test", "train", "dev", "train"],
    ["train", "test", "dev", "train", "train"],
  ]);
  ok(folds[0].dataset.notes.includes("3 rows are tested in no fold."));
});

Deno.test("what can't be divided is refused with what to do", () => {
  throws(() => foldsOf(dataset(1, 4), "kfold:5"), /at least 5 speakers for kfold:5 but found 4 at x\.csv/);
  throws(
    () => foldsOf(dataset(1, 2), "loso"),
    /at least 2 speakers for train and dev of loso, where s0 is tested/,
  );
  throws(
    () => foldsOf(dataset(1, 4, () => ({ session: undefined })), "session"),
    /--columns\.session=<name>/,
  );
  throws(
    () => foldsOf(dataset(1, 4, (i) => i ? {} : { speaker: undefined }), "loso"),
    /1 of 160 rows without it, e\.g\. 'u0'/,
  );
  throws(() => foldsOf(dataset(1, 4), "emobox"), /clips of RAVDESS/);
  throws(() => foldsOf(dataset(1, 4), "kfold:1"), /2 to 1000 folds/);
  throws(() => foldsOf(dataset(1, 4), "kfolds"), /split, all, kfold:<folds>, loso, lodo, session or emobox/);
});

Deno.test("a protocol of one split is the data set as it is", () => {
  const data = dataset(1, 4);
  equal(foldsOf(data, "split")[0].dataset, data);
  equal(new Set(groupsOf(data.rows, ["speaker"])).size, 4);
});

Deno.test("all trains on every row but those of dev's speakers, and tests none", () => {
  const data = dataset(6, 12), [{ dataset: { rows, notes } }, ...others] = foldsOf(data, "all");
  equal(others.length, 0);
  deepEqual(rows.map(({ id }) => id), data.rows.map(({ id }) => id));
  const speakersOf = (split: string) =>
    new Set(rows.flatMap((row) => row.split === split ? row.speaker! : []));
  const train = speakersOf("train"), dev = speakersOf("dev");
  deepEqual([train.size + dev.size, train.intersection(dev).size, speakersOf("test").size], [12, 0, 0]);
  match(notes[0], /^Protocol all: train \d+, dev \d+ rows; none is tested\.$/);
});

Deno.test("all divides a lone speaker's rows by dialogue, and says so", () => {
  const data = dataset(7, 12, () => ({ speaker: "s0" }));
  const [{ dataset: { rows, notes } }] = foldsOf(data, "all");
  deepEqual([...new Set(rows.map(({ speaker }) => speaker))], ["s0"]);
  const dialogues = Map.groupBy(rows, ({ dialogue }) => dialogue);
  for (const group of dialogues.values()) equal(new Set(group.map(({ split }) => split)).size, 1);
  ok(notes.includes("All rows are of one speaker, whom train and dev share."));
});
