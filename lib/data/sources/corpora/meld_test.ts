import { dirname } from "node:path";
import { deepEqual, equal, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { MELD_LABELS } from "./meld.ts";
import { shared } from "../../../testing/shared.ts";
import { testWith } from "../../../testing/needs.ts";

const HEADER =
  "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\r\n";
const row = (text: string, label: string, dialogue: number, utterance: number) =>
  `1,"${text}",Ann,${label},neutral,${dialogue},${utterance},1,1,"00:00:01,000","00:00:02,000"\r\n`;

const TABLES = {
  "train_sent_emo.csv": HEADER + row("It\u0092s me\u0085", "joy", 0, 0) + row("No.", "anger", 0, 2) +
    row("Ah", "joy", 1, 0),
  "dev_sent_emo.csv": HEADER + row("Hm.", "neutral", 0, 0),
  "test_sent_emo.csv": HEADER + row("What?", "surprise", 0, 0) + row("Oh.", "fear", 1, 0),
};

async function folder(files: Record<string, string>): Promise<string> {
  const path = await Deno.makeTempDir();
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${path}/${name}`), { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, content);
  }
  return path;
}

const clips = (...names: string[]) => Object.fromEntries(names.map((name) => [name, ""]));

Deno.test("a folder of only CSV files gives repaired text, in MELD's order of classes", async () => {
  const path = await folder(TABLES);
  const { rows, labels, notes, name } = await loadDataset(path);
  equal(name, "MELD");
  deepEqual(labels, MELD_LABELS);
  deepEqual(rows[0], {
    id: "train_dia0_utt0",
    split: "train",
    text: "It’s me…",
    label: "joy",
    speaker: "Ann",
    dialogue: "train_dia0",
    turn: 0,
  });
  deepEqual(rows.map(({ id, audio }) => [id, audio]), [
    ["train_dia0_utt0", undefined],
    ["train_dia0_utt2", undefined],
    ["train_dia1_utt0", undefined],
    ["dev_dia0_utt0", undefined],
    ["test_dia0_utt0", undefined],
    ["test_dia1_utt0", undefined],
  ]);
  deepEqual(notes.map((note) => note.split(" ", 2).join(" ")), [
    "Found no",
    "Repaired Windows-1252",
    "The split",
    "The labels",
    "The split",
    "The split",
    "Macro F1",
  ]);
});

Deno.test("clips are found in the published folders, nested archives and plain ones; a missing one costs its row", async () => {
  const layouts = [
    [
      "train_splits/dia0_utt0.mp4",
      "dev_splits_complete/dia0_utt0.mp4",
      "output_repeated_splits_test/dia0_utt0.mp4",
    ],
    ["train/train_splits/dia0_utt0.mp4", "dev/dev_splits_complete/dia0_utt0.wav", "test/x/dia0_utt0.flac"],
    ["train/dia0_utt0.flac", "val/dia0_utt0.flac", "test/dia0_utt0.ogg"],
    ["clips/train_dia0_utt0.flac", "clips/dev_dia0_utt0.flac", "clips/test_dia0_utt0.flac"],
  ];
  for (const layout of layouts) {
    const second = layout[0].replace("utt0", "utt2");
    const { rows, rejected } = await loadDataset(await folder({ ...TABLES, ...clips(second, ...layout) }));
    deepEqual(rows.map(({ audio }) => audio), [layout[0], second, layout[1], layout[2]]);
    deepEqual(rejected.map(({ id }) => id), ["train_dia1_utt0", "test_dia1_utt0"]);
    equal(rejected[0].reason, "clip missing: train_splits/dia1_utt0.mp4");
  }
});

Deno.test("decoded clips win over video; other people's files in the folders are ignored", async () => {
  const path = await folder({
    ...TABLES,
    ...clips("train_splits/dia0_utt0.mp4", "train_splits/dia0_utt0.wav", "train_splits/dia0_utt2.mp4"),
    ...clips("dev_splits_complete/dia0_utt0.mp4", "output_repeated_splits_test/._dia1_utt0.mp4"),
    ...clips(
      "output_repeated_splits_test/dia0_utt0.mp4",
      "output_repeated_splits_test/final_videos_testdia1_utt0.mp4",
    ),
  });
  const { rows, rejected } = await loadDataset(path);
  deepEqual(rows.map(({ audio }) => audio?.split("/")[1]), [
    "dia0_utt0.wav",
    "dia0_utt2.mp4",
    "dia0_utt0.mp4",
    "dia0_utt0.mp4",
  ]);
  deepEqual(rejected.map(({ id }) => id), ["train_dia1_utt0", "test_dia1_utt0"]);
  const silent = await loadDataset(path, { modalities: ["text"] });
  equal(silent.rows.filter(({ audio }) => audio === undefined).length, 6);
});

Deno.test("clips without a known split are ignored", async () => {
  const { rows, notes } = await loadDataset(
    await folder({ ...TABLES, ...clips("dia0_utt0.wav", "dia0_utt2.wav") }),
  );
  equal(rows.filter(({ audio }) => audio === undefined).length, 6);
  equal(notes[0], "Ignored 2 clips: neither their name nor their folder names a split.");
});

Deno.test("a split whose clips are all missing stops the load", async () => {
  const path = await folder({
    ...TABLES,
    ...clips("train_splits/dia0_utt0.mp4", "train_splits/dia0_utt2.mp4"),
  });
  await rejects(loadDataset(path), /rows of the split 'dev' that can be used but found none among 1/);
});

Deno.test("one CSV is one split, with the clips beside it", async () => {
  const path = await folder({ ...TABLES, ...clips("dia0_utt0.flac") });
  const { rows, rejected } = await loadDataset(`${path}/test_sent_emo.csv`);
  deepEqual(rows.map(({ id, split, audio }) => [id, split, audio]), [[
    "test_dia0_utt0",
    "test",
    "dia0_utt0.flac",
  ]]);
  equal(rejected.length, 1);
  const other = await folder({ "mine.csv": TABLES["test_sent_emo.csv"] });
  await rejects(
    loadDataset(`${other}/mine.csv`),
    /column 'split', or one of .* in the file's name.*Add the column/,
  );
});

Deno.test("a folder without one of the files says so, unknown labels are left out", async () => {
  const path = await folder({
    "dev_sent_emo.csv": TABLES["dev_sent_emo.csv"] + row("Hi", "hapy", 1, 0),
    "test_sent_emo.csv": TABLES["test_sent_emo.csv"],
  });
  const { notes, rejected } = await loadDataset(path);
  equal(notes[0], `${path} has no train_sent_emo.csv.`);
  equal(rejected[0].reason, "unknown label: 'hapy'");
});

const DYADIC = "Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID,Old_Dialogue_ID,Old_Utterance_ID\n";

Deno.test("the dyadic release: clips by the old numbers, dialogues, turns and ids by the new ones", async () => {
  const path = await folder({
    "train_sent_emo_dya.csv": DYADIC + "One,Ann,joy,0,0,0,0\nTwo,Bob,anger,0,1,0,1\nTwo,Bob,anger,1,0,0,1\n" +
      "Three,Ann,fear,1,1,0,2\nFour,Ann,joy,2,0,7,0\n",
    "dev_sent_emo_dya.csv": DYADIC + "Five,Ann,joy,0,0,3,1\n",
    ...clips(...["0_utt0", "0_utt1", "0_utt2", "1_utt0", "7_utt0"].map((n) => `train_splits/dia${n}.wav`)),
    ...clips("dev_splits_complete/dia3_utt1.wav", "dev_splits_complete/dia0_utt0.wav"),
  });
  for (const at of [path, `${path}/train_sent_emo_dya.csv`]) {
    const { rows, notes } = await loadDataset(at, { labelled: false });
    const train = rows.filter(({ split }) => split === "train");
    deepEqual(train.map(({ id, text, audio, dialogue, turn }) => [id, text, audio, dialogue, turn]), [
      ["train_dia0_utt0", "One", "train_splits/dia0_utt0.wav", "train_dia0", 0],
      ["train_dia0_utt1", "Two", "train_splits/dia0_utt1.wav", "train_dia0", 1],
      ["train_dia1_utt0", "Two", "train_splits/dia0_utt1.wav", "train_dia1", 0],
      ["train_dia1_utt1", "Three", "train_splits/dia0_utt2.wav", "train_dia1", 1],
      ["train_dia2_utt0", "Four", "train_splits/dia7_utt0.wav", "train_dia2", 0],
    ]);
    if (at === path) equal(rows.at(-1)!.audio, "dev_splits_complete/dia3_utt1.wav");
    equal(notes.filter((note) => note.startsWith("Clips are found by Old_Dialogue_ID")).length, 1);
  }
  const half = await folder({ "dev_sent_emo_dya.csv": DYADIC.replace(",Old_Utterance_ID", "") });
  await rejects(loadDataset(half), /columns Old_Dialogue_ID, Old_Utterance_ID but found no column 'Old_Utt/);
});

Deno.test("the dyadic release is ignored beside the whole one, with a note", async () => {
  const path = await folder({ ...TABLES, "train_sent_emo_dya.csv": DYADIC + "One,Ann,joy,0,0,0,0\n" });
  const { rows, notes } = await loadDataset(path);
  equal(rows.length, 6);
  equal(notes[0], "Not read: train_sent_emo_dya.csv. Name such a file to read it alone.");
});

Deno.test("added columns of a manifest take precedence, others get a note", async () => {
  const path = await folder({
    "all.csv": "utterance,speaker,emotion,Dialogue ID,Utterance ID,split,audio,text,mood\n" +
      "Hi,Ann,Joy,0,0,train,own/a.wav,Hi!,1\nNo,Ann,anger,0,1,train,,No!,2\nOh,Ann,joy,0,0,val,own/c.wav,,3\n",
    ...clips("own/a.wav", "own/c.wav", "train/dia0_utt0.wav", "dia0_utt1.wav"),
  });
  const { rows, notes } = await loadDataset(`${path}/all.csv`);
  deepEqual(rows.map(({ id, split, text, audio, label }) => [id, split, text, audio, label]), [
    ["train_dia0_utt0", "train", "Hi!", "own/a.wav", "joy"],
    ["train_dia0_utt1", "train", "No!", undefined, "anger"],
    ["dev_dia0_utt0", "dev", undefined, "own/c.wav", "joy"],
  ]);
  deepEqual(notes.slice(0, 4), [
    `Columns of ${path}/all.csv used instead of MELD's: 'split', 'text', 'audio'.`,
    `Ignored columns of ${path}/all.csv: 'mood'.`,
    `${path}/all.csv was read as MELD because of its columns.`,
    "Ignored 1 clips: neither their name nor their folder names a split.",
  ]);
});

Deno.test("a file's name gives its split by whole words, and only if it names exactly one", async () => {
  const table = TABLES["test_sent_emo.csv"];
  const path = await folder({
    "my-Testing_set.csv": table,
    "latest.csv": table,
    "train_and_test.csv": table,
  });
  const { rows, notes } = await loadDataset(`${path}/my-Testing_set.csv`);
  deepEqual(rows.map(({ split }) => split), ["test", "test"]);
  equal(
    notes[0],
    `${path}/my-Testing_set.csv was read as MELD because of its columns, and as split 'test' because of its name.`,
  );
  for (const name of ["latest.csv", "train_and_test.csv"]) {
    await rejects(loadDataset(`${path}/${name}`), /a column 'split', or one of train, dev and test/, name);
  }
});

Deno.test("a column named similar to 'split' should be renamed", async () => {
  const path = await folder({
    "all.csv": HEADER.replace("\r", ",Split\r") + row("No.", "joy", 0, 0).replace("\r", ",dev\r"),
  });
  await rejects(
    loadDataset(`${path}/all.csv`),
    /Expected a column 'split'.* Rename the column 'Split' to 'split'\.$/,
  );
});

testWith("shared/data/meld", {
  name: "the published tables load whole",
  fn: async () => {
    const { rows, rejected } = await loadDataset(shared("data/meld")!);
    deepEqual(["train", "dev", "test"].map((split) => rows.filter((row) => row.split === split).length), [
      9989,
      1109,
      2610,
    ]);
    equal(rejected.length, 0);
    const paired = await loadDataset(shared("data/meld_x_ravdess.csv")!);
    deepEqual(
      rows.map(({ id, text, label, turn }) => [id, text, label, turn]),
      paired.rows.map(({ id, text, label, turn }) => [id, text, label, turn]),
    );
  },
});

Deno.test("clips are found whatever the case of their names", async () => {
  const names = ["train_splits/dia0_utt0.WAV", "train_splits/dia0_utt2.Flac", "train_splits/DIA1_UTT0.MP4"];
  const root = await folder({ "train_sent_emo.csv": TABLES["train_sent_emo.csv"], ...clips(...names) });
  const { rows } = await loadDataset(root, { labelled: false });
  deepEqual(rows.map(({ audio }) => audio), names);
});
