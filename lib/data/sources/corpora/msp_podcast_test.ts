import { deepEqual, equal, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf, clips } from "./testing.ts";

const HEADER = "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set\n";
const DETAIL = "FileName,EmoDetail\n";
/** A rater's answer, as newer releases have it. */
const answer = (name: string, worker: number, main: string, second = main) =>
  `${name}.wav,"WORKER0000000${worker}; ${main}; ${second}; A:2.000000; V:4.000000; D:3.000000;"\n`;

const [A, B, C, D] = ["0001_0008", "0001_0019", "0002_0033", "0003_0271"].map((id) => `MSP-PODCAST_${id}`);
const wav = (...ids: string[]) => clips(...ids.map((id) => `Audios/${id}.wav`));

const WHOLE = {
  "Labels/labels_consensus.csv": HEADER +
    `${A}.wav,N,2.2,4.0,2.6,127,Male,Train\n${B}.wav,A,5.5,2.0,5.0,127,Male,Train\n` +
    `${C}.wav,C,4.0,3.2,4.5,49,Female,Development\n${D}.wav,U,5.0,5.8,4,8,Female,Test1\n`,
  "Labels/labels_detailed.csv": DETAIL + answer(A, 1, "Neutral", "Neutral,Concerned") +
    answer(A, 2, "Neutral") +
    answer(A, 3, "Other-Curious") + answer(B, 1, "Angry", "Angry,Annoyed") + answer(C, 2, "Contempt") +
    answer(D, 4, "Surprise") + answer(D, 5, "Happy"),
  "Partitions.txt": "Train; MSP-PODCAST_0001_0008.wav\n",
  [`Transcripts/${A}.txt`]: "it was a quiet\nday\n",
  [`Transcripts/${B}.txt`]: "stop that",
  [`Transcripts/${C}.txt`]: "sure you did",
  [`Transcripts/${D}.txt`]: "what",
  ...wav(A, B, C, D),
};

Deno.test("MSP-Podcast: segments, words, speakers and official partitions", async () => {
  const { name, labels, rows, rejected } = await loadDataset(await miniature(WHOLE));
  equal(name, "MSP-Podcast");
  deepEqual(labels, ["anger", "sadness", "joy", "surprise", "fear", "disgust", "contempt", "neutral"]);
  const row = (id: string, split: string, text: string, label: string, speaker: string, gender: string) => ({
    id,
    split,
    text,
    audio: `Audios/${id}.wav`,
    label,
    speaker,
    session: id.slice(0, "MSP-PODCAST_0001".length),
    gender,
  });
  deepEqual(rows, [
    row(A, "train", "it was a quiet day", "neutral", "127", "male"),
    row(B, "train", "stop that", "anger", "127", "male"),
    row(C, "dev", "sure you did", "contempt", "49", "female"),
    row(D, "test", "what", "surprise", "8", "female"),
  ]);
  deepEqual(rejected, []);
});

Deno.test("MSP-Podcast: votes of the raters and values, also one folder higher", async () => {
  const path = await miniature(below("MSP-PODCAST-Publish-1.12", WHOLE));
  const votes = await candidatesOf(path, { target: "distribution" });
  deepEqual(votes.labels!.at(-1), "other");
  deepEqual(
    votes.candidates.map(({ target }) => Object.entries(target!).filter(([, vote]) => vote !== "0").flat()),
    [["neutral", "2", "other", "1"], ["anger", "1"], ["contempt", "1"], ["joy", "1", "surprise", "1"]].map((
      pairs,
    ) => pairs),
  );
  const values = await candidatesOf(path, { target: "values" });
  deepEqual(values.candidates[1].target, { activation: "5.5", valence: "2.0", dominance: "5.0" });
  equal(values.candidates[0].audio, `MSP-PODCAST-Publish-1.12/Audios/${A}.wav`);
});

Deno.test("MSP-Podcast's older release: other names of the label file, partition and columns", async () => {
  const { candidates } = await candidatesOf(
    await miniature({
      "Labels/labels_concensus.csv": HEADER + `${A}.wav,S,2.2,4.0,2.6,Unknown,Unknown,Validation\n`,
      "Labels/labels_detailed.csv": "FileName,Workers,EmoClass_Major,EmoClass_Second,EmoAct,EmoVal,EmoDom\n" +
        `${A}.wav,WORKER00000001,Sad,"Sad,Depressed",2,4,3\n`,
      ...wav(A),
    }),
    { target: "distribution" },
  );
  deepEqual(
    [candidates[0].target!.sadness, candidates[0].split, candidates[0].speaker, candidates[0].gender],
    [
      "1",
      "Validation",
      undefined,
      undefined,
    ],
  );
});

Deno.test("MSP-Podcast with faults: no agreement, unknown labels, more test sets, lost files", async () => {
  const more = ["0004_0001", "0004_0002", "0004_0003", "0004_0004", "0004_0005"].map((id) =>
    `MSP-PODCAST_${id}`
  );
  const path = await miniature({
    ...WHOLE,
    "Labels/labels_consensus.csv": WHOLE["Labels/labels_consensus.csv"] +
      `${more[0]}.wav,X,1,1,1,3,Male,Train\n` +
      `${more[1]}.wav,O,1,1,1,3,Male,Train\n${more[2]}.wav,Q,1,1,1,3,Male,Train\n` +
      `${more[3]}.wav,H,1,1,1,Unknown,Male,Test2\n${more[4]}.wav,H,1,1,1,Unknown,Male,Train\nbroken,H\n`,
    "Labels/labels_detailed.csv": WHOLE["Labels/labels_detailed.csv"] + answer(B, 9, "Furious"),
  });
  const at = `${path}/Labels/labels_consensus.csv`, { rows, rejected, notes } = await loadDataset(path);
  deepEqual(rows.map(({ id }) => id), [A, B, C, D]);
  deepEqual(rejected.map(({ id, at, reason }) => [id, at, reason]), [
    ["line 11", `${at}, line 11`, "wrong number of cells: 2 under a header of 8"],
    [more[0], `${at}, line 6`, "no label that most raters gave (X)"],
    [more[1], `${at}, line 7`, "the label 'other' (O), which is not a class"],
    [more[2], `${at}, line 8`, "unknown label: 'Q'"],
    [more[4], `${at}, line 10`, `clip missing: Audios/${more[4]}.wav`],
  ]);
  deepEqual(notes.slice(0, 3), [
    "Left out 1 of Test2: the split 'test' is Test1 alone.",
    "No transcript for 1 segment.",
    "The speaker of 1 segment is not known.",
  ]);
  const votes = await candidatesOf(path, { target: "distribution" });
  deepEqual(votes.notes[0], "Ignored 1 answer of raters that name no class, e.g. 'furious'.");
  equal((await candidatesOf(path, { labelled: false })).candidates.length, 9);
});

Deno.test("votes of MSP-Podcast need the raters' file", async () => {
  const { "Labels/labels_detailed.csv": _, ...files } = WHOLE;
  await rejects(
    candidatesOf(await miniature(files), { target: "distribution" }),
    /the answers of MSP-Podcast's raters \(labels_detailed.csv\) but found none .*--target values/,
  );
  await rejects(
    candidatesOf(await miniature({ "labels_consensus.csv": "FileName,EmoClass\n" })),
    /found no column 'EmoAct'/,
  );
});
