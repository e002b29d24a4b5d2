import { deepEqual, equal, match, ok, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { MOSI_VIDEOS } from "./cmu_mosi.ts";
import { VIDEO_IS_SPEAKER } from "./mmsa.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf, clips } from "./testing.ts";

const HEADER = "video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode\n";

/** Videos of the train, dev and test fold. */
const [TRAIN, DEV, TEST] = ["03bSnISJMiM", "WKA5OygbEKI", "lXPQBPVc5Cw"];

/** As MMSA hands it out. */
const MMSA = {
  "label.csv": HEADER + `${TRAIN},1,A LOT OF SAD PARTS,-0.6,,,,Negative,train\n` +
    `${TRAIN},11,"IT IS REALLY, REALLY FUNNY",2.4,,,,Positive,train\n${DEV},3,SO SO,0.0,,,,Neutral,valid\n` +
    `${TEST},2,I LOVED IT,3.0,,,,Positive,test\n`,
  ...clips(`Raw/${TRAIN}/1.mp4`, `Raw/${TRAIN}/11.mp4`, `Raw/${DEV}/3.mp4`, `Raw/${TEST}/2.mp4`),
};

/** As CMU released it. */
const RELEASED = {
  "Labels/OpinionLevelSentiment.csv":
    `1.8,7.6,${TRAIN},1,-0.6\n7.6,9.1,${TRAIN},11,2.4\n0.1,2.5,${DEV},3,0\n4,5.25,${TEST},2,3\n`,
  [`Transcript/Segmented/${TRAIN}.annotprocessed`]:
    "1_DELIM_A LOT OF SAD PARTS\n11_DELIM_IT IS REALLY, REALLY FUNNY\n",
  [`Transcript/Segmented/${DEV}.annotprocessed`]: "3_DELIM_SO SO\n",
  [`Transcript/Segmented/${TEST}.annotprocessed`]: "2_DELIM_I LOVED IT\n",
  [`Audio/WAV_16000/Full/${TRAIN}.wav`]: "",
  ...clips(
    ...[`${TRAIN}_1`, `${TRAIN}_11`, `${DEV}_3`, `${TEST}_2`].map((id) =>
      `Audio/WAV_16000/Segmented/${id}.wav`
    ),
  ),
};

/** Rows that both layouts give, but for the clips. */
const ROWS = [
  ["train", "A LOT OF SAD PARTS", -0.6, TRAIN, 1],
  ["train", "IT IS REALLY, REALLY FUNNY", 2.4, TRAIN, 11],
  ["dev", "SO SO", 0, DEV, 3],
  ["test", "I LOVED IT", 3, TEST, 2],
].map(([split, text, sentiment, video, turn]) => ({
  id: `${video}_${turn}`,
  split,
  text,
  target: { sentiment },
  speaker: video,
  dialogue: video,
  turn,
}));

Deno.test("CMU-MOSI's standard folds have 52, 10 and 31 of its 93 videos", () => {
  const count = (split: string) => [...MOSI_VIDEOS.values()].filter((each) => each === split).length;
  deepEqual([MOSI_VIDEOS.size, count("train"), count("dev"), count("test")], [93, 52, 10, 31]);
});

Deno.test("CMU-MOSI in MMSA's layout and as released gives the same rows", async () => {
  for (
    const [files, clipOf] of [
      [MMSA, (video: unknown, clip: unknown) => `Raw/${video}/${clip}.mp4`],
      [RELEASED, (video: unknown, clip: unknown) => `Audio/WAV_16000/Segmented/${video}_${clip}.wav`],
    ] as const
  ) {
    const { name, target, labels, rows, rejected, notes } = await loadDataset(await miniature(files));
    deepEqual([name, target, labels, rejected], ["CMU-MOSI", "values", ["sentiment"], []]);
    deepEqual(rows, ROWS.map((row) => ({ ...row, audio: clipOf(row.speaker, row.turn) })));
    deepEqual(notes.slice(0, 1), [VIDEO_IS_SPEAKER]);
  }
});

Deno.test("sentiments are classes if asked for, and a label file alone is enough", async () => {
  const path = await miniature(MMSA);
  const { labels, candidates } = await candidatesOf(path, { target: "class" });
  deepEqual(labels, ["negative", "neutral", "positive"]);
  deepEqual(candidates.map(({ label }) => label), ["negative", "positive", "neutral", "positive"]);
  const alone = await candidatesOf(`${path}/label.csv`);
  deepEqual([alone.root, alone.candidates[0].audio], [path, `Raw/${TRAIN}/1.mp4`]);
});

Deno.test("CMU-MOSI one folder higher, and with clips that were turned into wav", async () => {
  const wav = clips(`MOSI/Processed/${TRAIN}/0001.wav`);
  const { candidates } = await candidatesOf(await miniature({ ...below("MOSI", MMSA), ...wav }));
  deepEqual(candidates.map(({ audio }) => audio), [
    `MOSI/Processed/${TRAIN}/0001.wav`,
    ...[`${TRAIN}/11`, `${DEV}/3`, `${TEST}/2`].map((clip) => `MOSI/Raw/${clip}.mp4`),
  ]);
  const released = await candidatesOf(await miniature(below("CMU_MOSI/Raw", RELEASED)));
  equal(released.candidates[0].audio, `CMU_MOSI/Raw/Audio/WAV_16000/Segmented/${TRAIN}_1.wav`);
});

Deno.test("CMU-MOSI with faults: an unknown video, a broken line, lost words and clips", async () => {
  const path = await miniature({
    ...RELEASED,
    "Labels/OpinionLevelSentiment.csv":
      `1.8,7.6,${TRAIN},1,-0.6\n7.6,9.1,${TRAIN},12,2.4\n1,2,nowhere,1,1\n` +
      `1,2,${TRAIN}\n\n1,2,${DEV},3,\n0,1,${DEV},4,1\n`,
    [`Audio/WAV_16000/Segmented/${DEV}_4.wav`]: "",
  });
  const at = `${path}/Labels/OpinionLevelSentiment.csv`;
  const { rows, rejected, notes } = await loadDataset(path, { keepText: true }).catch((error) => {
    match(error.message, /at least two different targets in the split 'train'/);
    return loadDataset(path, { labelled: false });
  });
  deepEqual(rows.map(({ id, text, audio }) => [id, text, audio?.split("/").at(-1)]), [
    [`${TRAIN}_1`, "A LOT OF SAD PARTS", `${TRAIN}_1.wav`],
    [`${DEV}_3`, "SO SO", `${DEV}_3.wav`],
    [`${DEV}_4`, undefined, `${DEV}_4.wav`],
  ]);
  deepEqual(rejected.map(({ id, at, reason }) => [id, at, reason]), [
    ["nowhere_1", `${at}, line 3`, "a video of no standard fold: nowhere"],
    ["line 4", `${at}, line 4`, `not start, end, video, segment and sentiment: 1,2,${TRAIN}`],
    [`${TRAIN}_12`, `${at}, line 2`, `clip missing: Audio/WAV_16000/Segmented/${TRAIN}_12.wav`],
  ]);
  ok(notes.includes("No words in the transcripts for 2 segments."));
});

Deno.test("MMSA's CH-SIMS is not taken for CMU-MOSI, and a folder with neither layout says so", async () => {
  const sims = await miniature({
    "label.csv": HEADER + "video_0001,0001,好,-0.6,-0.5,-1,0,Negative,train\n",
  });
  await rejects(candidatesOf(sims), /Expected a data set of a known kind .* but found 1 other files/);
  await rejects(candidatesOf(`mosi:${sims}`), /CMU-MOSI as MMSA hands it out .* found neither/);
});
