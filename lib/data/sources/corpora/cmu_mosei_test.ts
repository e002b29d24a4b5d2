import { deepEqual, equal, ok, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { VIDEO_IS_SPEAKER } from "./mmsa.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf, clips } from "./testing.ts";

const ANSWERS = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "sentiment"];
const HEADER = `"HITId","AssignmentId","Input.VIDEO_ID","Input.CLIP",${
  ANSWERS.map((name) => `"Answer.${name}"`).join(",")
}\n`;
/** One rater's answer: anger, disgust, fear, happiness, sadness, surprise, sentiment. */
const answer = (assignment: string, video: string, clip: number, ...numbers: (number | string)[]) =>
  `"H","${assignment}","${video}","${clip}",${numbers.map((number) => `"${number}"`).join(",")}\n`;

/** As CMU released it: three raters for most segments. */
const RELEASED = {
  "Labels/5000_batch_raw.csv": HEADER +
    answer("A1", "-3g5yACwYnA", 2, 0, 0, 0, 1, 0, 0, 1) +
    answer("A2", "-3g5yACwYnA", 2, 0, 0, 0, 0, 0, 2, 2) +
    answer("A3", "-3g5yACwYnA", 2, 0, 0, 0, 0, 0, 0, 1) + answer("A4", "100499", 0, 3, 1, 0, 0, 0, 0, -3),
  "Labels/extreme_sentiment_results.csv": HEADER + answer("B1", "7l3BNtSE0xc", 10, 0, 0, 1, 0, 1, 0, -1) +
    answer("B2", "zk2jTlAtvSU", 1, 0, 0, 0, 0, 0, 0, 0),
  "Transcript/Segmented/Combined/-3g5yACwYnA.txt":
    "-3g5yACwYnA___2___10.1___20.2___We're a huge user of adhesives.\n" +
    "-3g5yACwYnA___3___20.2___30___Not rated.\n",
  "Transcript/Segmented/Combined/100499.txt": "100499___0___0___4.5___It is bad ___ very bad.\n",
  "Transcript/Segmented/Combined/7l3BNtSE0xc.txt": "7l3BNtSE0xc___10___0___1___I was afraid.\n",
  "Transcript/Segmented/Combined/zk2jTlAtvSU.txt": "zk2jTlAtvSU___1___0___1___Well.\n",
  "cmu_mosei_std_folds.py":
    "standard_train_fold=['-3g5yACwYnA', '100499']\n\nstandard_valid_fold = [ '7l3BNtSE0xc']\n" +
    'standard_test_fold=["zk2jTlAtvSU"]\n',
  ...clips(
    ...["-3g5yACwYnA_2", "100499_0", "7l3BNtSE0xc_10", "zk2jTlAtvSU_1"].map((id) =>
      `Videos/Segmented/Combined/${id}.mp4`
    ),
  ),
  ...clips("Audio/Full/WAV_16000/-3g5yACwYnA.wav", "Audio/Full/WAV_16000/100499.wav"),
};

const none = { joy: 0, sadness: 0, anger: 0, surprise: 0, disgust: 0, fear: 0 };

Deno.test("CMU-MOSEI as released: emotions that a rater found, words, clips, the SDK's folds", async () => {
  const { name, target, labels, rows, rejected, notes } = await loadDataset(await miniature(RELEASED));
  deepEqual([name, target, rejected], ["CMU-MOSEI", "labels", []]);
  deepEqual(labels, ["joy", "sadness", "anger", "surprise", "disgust", "fear"]);
  const row = (id: string, split: string, text: string, target: Record<string, number>) => ({
    id,
    split,
    text,
    audio: `Videos/Segmented/Combined/${id}.mp4`,
    target: { ...none, ...target },
    speaker: id.slice(0, id.lastIndexOf("_")),
    dialogue: id.slice(0, id.lastIndexOf("_")),
    turn: Number(id.slice(id.lastIndexOf("_") + 1)),
  });
  deepEqual(rows, [
    row("-3g5yACwYnA_2", "train", "We're a huge user of adhesives.", { joy: 1, surprise: 1 }),
    row("100499_0", "train", "It is bad ___ very bad.", { anger: 1, disgust: 1 }),
    row("7l3BNtSE0xc_10", "dev", "I was afraid.", { fear: 1, sadness: 1 }),
    row("zk2jTlAtvSU_1", "test", "Well.", {}),
  ]);
  equal(notes[0], VIDEO_IS_SPEAKER);
});

Deno.test("CMU-MOSEI's sentiment is the raters' mean", async () => {
  const { labels, candidates } = await candidatesOf(await miniature(RELEASED), { target: "values" });
  deepEqual(labels, ["sentiment"]);
  deepEqual(candidates.map(({ target }) => target!.sentiment), ["1.333333", "-3", "-1", "0"]);
});

Deno.test("CMU-MOSEI one folder higher and in MMSA's layout", async () => {
  const { candidates } = await candidatesOf(await miniature(below("CMU_MOSEI/Raw", RELEASED)));
  equal(candidates[1].audio, "CMU_MOSEI/Raw/Videos/Segmented/Combined/100499_0.mp4");
  const path = await miniature({
    "label.csv": "video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode\n" +
      "-3g5yACwYnA,13,Key is part.,1.0,,,,Positive,train\n100499,0,Bad.,-2.33333,,,,Negative,test\n",
    ...clips("Raw/-3g5yACwYnA/13.mp4", "Raw/100499/0.mp4"),
  });
  const mmsa = await candidatesOf(path);
  deepEqual([mmsa.name, mmsa.target, mmsa.labels], ["CMU-MOSEI", "values", ["sentiment"]]);
  deepEqual(mmsa.candidates.map(({ id, split, target, audio }) => [id, split, target!.sentiment, audio]), [
    ["-3g5yACwYnA_13", "train", "1.0", "Raw/-3g5yACwYnA/13.mp4"],
    ["100499_0", "test", "-2.33333", "Raw/100499/0.mp4"],
  ]);
  await rejects(
    candidatesOf(path, { target: "labels" }),
    /kind of target that the corpus has \(class, values\)/,
  );
});

Deno.test("CMU-MOSEI with faults: copies, empty and odd answers, unknown videos, lost words", async () => {
  const path = await miniature({
    ...RELEASED,
    "Labels/extreme_sentiment_results.csv": HEADER + answer("A1", "-3g5yACwYnA", 2, 0, 0, 0, 1, 0, 0, 1) +
      answer("B1", "7l3BNtSE0xc", 10, "", "", "", "", "", "", "") +
      answer("B2", "zk2jTlAtvSU", 1, 0, 0, 0, 0, 0, 0, "x") +
      answer("B3", "videos/zk2jTlAtvSU", 5, "", "", "", 2, "", "", 2) +
      answer("B4", "elsewhere", 1, 0, 0, 0, 1, 0, 0, 1),
    "Labels/notes.csv": "a,b\n1,2\n",
  });
  const { candidates, rejected, notes } = await candidatesOf(path);
  const at = `${path}/Labels/extreme_sentiment_results.csv`;
  deepEqual(candidates.map(({ id, text, split }) => [id, text, split]), [
    ["-3g5yACwYnA_2", "We're a huge user of adhesives.", "train"],
    ["100499_0", "It is bad ___ very bad.", "train"],
    ["zk2jTlAtvSU_5", undefined, "test"],
  ]);
  deepEqual(candidates[2].target, {
    joy: "1",
    sadness: "0",
    anger: "0",
    surprise: "0",
    disgust: "0",
    fear: "0",
  });
  deepEqual(candidates[2].audio, "Videos/Segmented/Combined/zk2jTlAtvSU_5.mp4");
  deepEqual(rejected, [
    { id: "zk2jTlAtvSU_1", at: `${at}, line 4`, reason: "no number: 'x' for 'Answer.sentiment'" },
    { id: "elsewhere_1", at: `${at}, line 6`, reason: "a video of no standard fold: elsewhere" },
  ]);
  deepEqual(notes, [
    "Not read: Labels/notes.csv, which lacks columns of CMU-MOSEI's label files.",
    "Ignored 1 answer of raters that another label file has, too.",
    "Ignored 1 answer of raters without any number.",
    "No words in the transcripts for 1 segment.",
    VIDEO_IS_SPEAKER,
  ]);
});

Deno.test("CMU-MOSEI without the SDK's folds has no splits, and says where they are", async () => {
  const { "cmu_mosei_std_folds.py": _, ...files } = RELEASED;
  const path = await miniature(files), { candidates, notes } = await candidatesOf(path);
  ok(candidates.every(({ split }) => split === undefined));
  equal(
    notes[0],
    `The standard folds are in cmu_mosei_std_folds.py of CMU's Multimodal SDK: put that file into ${path}.`,
  );
});
