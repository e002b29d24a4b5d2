import { deepEqual, rejects } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

const EMOTIONS = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "neutrality"];
const LABELS = [...EMOTIONS.slice(0, 6), "neutral"];
const HEADER = "file_name,sentence,sentence_language,actor,emotion_expressed\n";
const sample = (i: number, emotion: string) =>
  `161287284829${i}.wav,"Ciao, ${i}.",it,anna${i % 2},${emotion}\n`;
const USERS = "username,gender,age,mother_tongue\nanna0,female,31,it\nanna1,male,44,it\n";

Deno.test("Emozionalmente whole: samples, users, splits and votes", async () => {
  const samples = EMOTIONS.map((emotion, i) => sample(i, emotion));
  const folder = await miniature({
    ...clipsAt(...EMOTIONS.map((_, i) => `emozionalmente/audio/161287284829${i}.wav`)),
    "emozionalmente/metadata/samples.csv": HEADER + samples.join(""),
    "emozionalmente/metadata/users.csv": USERS,
    "emozionalmente/metadata/evaluations.csv": "file_name,evaluator,audio_quality,emotion_recognized\n" +
      "1612872848290.wav,u,good,anger\n1612872848290.wav,v,good,anger\n1612872848290.wav,w,bad,neutrality\n" +
      "1612872848290.wav,x,good,fear\n1612872848291.wav,x,good,boredom\n",
    "emozionalmente/metadata/split/train.csv": HEADER + samples.slice(0, 5).join(""),
    "emozionalmente/metadata/split/dev.csv": HEADER + samples[5],
    "emozionalmente/metadata/split/test.csv": HEADER + samples[6],
  });
  const all = `${folder}/emozionalmente`;
  for (const at of [folder, all, `${all}/audio`]) {
    const { name, labels, rows, rejected } = await loadDataset(at);
    deepEqual([name, labels, rejected], ["Emozionalmente", LABELS, []]);
    deepEqual(
      rows.map(({ split, label }) => [split, label]),
      [
        ["train", "anger"],
        ["train", "disgust"],
        ["train", "fear"],
        ["train", "joy"],
        ["train", "sadness"],
        ["dev", "surprise"],
        ["test", "neutral"],
      ],
    );
    deepEqual(
      rows.map(({ id, audio, text, speaker, gender, age }) => [id, audio, text, speaker, gender, age]).slice(
        0,
        2,
      ),
      [
        ["1612872848290", "audio/1612872848290.wav", "Ciao, 0.", "anna0", "female", "31"],
        ["1612872848291", "audio/1612872848291.wav", "Ciao, 1.", "anna1", "male", "44"],
      ],
    );
  }
  const { target, rows } = await loadDataset(folder, { labelled: false, target: "distribution" });
  deepEqual([target, rows.filter((row) => row.target).length], ["distribution", 1]);
  deepEqual(rows[0].target, {
    anger: 0.5,
    disgust: 0,
    fear: 0.25,
    joy: 0,
    sadness: 0,
    surprise: 0,
    neutral: 0.25,
  });
});

Deno.test("Emozionalmente with faults: no split, an unknown emotion, a clip that is missing, no users", async () => {
  const emotions = [...EMOTIONS, "anger", "joy", "no_agreement"];
  const files = {
    ...clipsAt(...emotions.slice(1).map((_, i) => `audio/161287284829${i + 1}.wav`)),
    "metadata/samples.csv": HEADER + emotions.map((emotion, i) => sample(i, emotion)).join(""),
  };
  const whole = await loadDataset(await miniature({ ...files, "metadata/users.csv": USERS }));
  deepEqual(whole.rows.map(({ id, label }) => [id, label]), [
    ["1612872848291", "disgust"],
    ["1612872848292", "fear"],
    ["1612872848293", "joy"],
    ["1612872848294", "sadness"],
    ["1612872848295", "surprise"],
    ["1612872848296", "neutral"],
    ["1612872848297", "anger"],
    ["1612872848298", "joy"],
  ]);
  deepEqual(whole.rejected.map(({ id, reason }) => [id, reason]), [
    ["1612872848290", "clip missing: audio/1612872848290.wav"],
    ["1612872848299", "unknown label: 'no_agreement'"],
  ]);
  await rejects(
    loadDataset(`emozionalmente:${await miniature(files)}`),
    /Expected the tables of Emozionalmente, metadata\/samples\.csv and users\.csv but found none among 10 files/,
  );
});
