import { deepEqual, equal, rejects } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

const LABELS = ["anger", "disgust", "fear", "joy", "neutral", "sadness"];
const ACTORS = '"ActorID","Age","Sex","Race","Ethnicity"\n1001,51,"Male","Caucasian","Not Hispanic"\n' +
  '1002,21,"Female","Caucasian","Not Hispanic"\n';
const VOTES = '"","A","D","F","H","N","S","fileName","numResponses"\n' +
  '"100001",0,0,0,1,10,0,"1001_IEO_NEU_XX",11\n"100085",0,0,0,6,2,0,"1002_IEO_HAP_HI",8\n' +
  '"200001",9,0,0,0,0,0,"1001_IEO_NEU_XX",9\n"300001",0,8,0,0,0,0,"1001_IEO_NEU_XX",8\n';

Deno.test("CREMA-D whole: names give sentence, emotion and actor, the tables gender, age and votes", async () => {
  const folder = await miniature({
    ...clipsAt(
      "AudioWAV/1001_DFA_ANG_XX.wav",
      "AudioWAV/1001_IEO_NEU_XX.wav",
      "AudioWAV/1002_IEO_HAP_HI.wav",
    ),
    "VideoDemographics.csv": ACTORS,
    "processedResults/tabulatedVotes.csv": VOTES,
  });
  const { name, labels, rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual([name, labels, rejected, notes], ["CREMA-D", LABELS, [], []]);
  deepEqual(rows, [
    {
      id: "1001_DFA_ANG_XX",
      split: "test",
      text: "Don't forget a jacket.",
      audio: "AudioWAV/1001_DFA_ANG_XX.wav",
      label: "anger",
      speaker: "1001",
      gender: "male",
      age: "51",
    },
    {
      id: "1001_IEO_NEU_XX",
      split: "test",
      text: "It's eleven o'clock.",
      audio: "AudioWAV/1001_IEO_NEU_XX.wav",
      label: "neutral",
      speaker: "1001",
      gender: "male",
      age: "51",
    },
    {
      id: "1002_IEO_HAP_HI",
      split: "test",
      text: "It's eleven o'clock.",
      audio: "AudioWAV/1002_IEO_HAP_HI.wav",
      label: "joy",
      speaker: "1002",
      gender: "female",
      age: "21",
    },
  ]);
  const voted = await loadDataset(`${folder}/AudioWAV`, { labelled: false, target: "distribution" });
  deepEqual([voted.target, voted.labels], ["distribution", LABELS]);
  deepEqual(voted.rows.map(({ id, gender, target, label }) => [id, gender, target, label]), [
    ["1001_DFA_ANG_XX", "male", undefined, undefined], // no row of the table
    [
      "1001_IEO_NEU_XX",
      "male",
      { anger: 0, disgust: 0, fear: 0, joy: 1 / 11, neutral: 10 / 11, sadness: 0 },
      undefined,
    ],
    [
      "1002_IEO_HAP_HI",
      "female",
      { anger: 0, disgust: 0, fear: 0, joy: 0.75, neutral: 0.25, sadness: 0 },
      undefined,
    ],
  ]);
});

Deno.test("CREMA-D with its faults: a silent clip, a short name, other formats, no tables", async () => {
  const folder = await miniature(clipsAt(
    "crema/AudioMP3/1001_TAI_SAD_XX.mp3",
    "crema/AudioMP3/1064_IEO_DIS_MD.mp3",
    "crema/AudioMP3/1064_TIE_SAD_XX.mp3",
    "crema/AudioMP3/1076_MTI_NEU_XX.mp3",
    "crema/AudioWAV/1001_TAI_SAD_XX.wav",
    "crema/AudioWAV/1001_TAI_XXX_XX.wav",
    "crema/AudioWAV/1040_ITH_SAD_X.wav",
    "crema/AudioWAV/1076_MTI_NEU_XX.wav",
    "crema/AudioWAV/1076_MTI_SAD_XX.wav",
    "crema/VideoFlash/1001_TAI_SAD_XX.flv",
  ));
  const { rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual(rows.map(({ id, audio, label, gender }) => [id, audio, label, gender]), [
    ["1001_TAI_SAD_XX", "crema/AudioWAV/1001_TAI_SAD_XX.wav", "sadness", undefined],
    ["1040_ITH_SAD_XX", "crema/AudioWAV/1040_ITH_SAD_X.wav", "sadness", undefined],
    ["1076_MTI_NEU_XX", "crema/AudioWAV/1076_MTI_NEU_XX.wav", "neutral", undefined],
  ]);
  deepEqual(rejected.map(({ id, reason }) => [id, reason]), [
    ["1064_IEO_DIS_MD", "too long: the published file holds all emotions, except in AudioWAV"],
    ["1064_TIE_SAD_XX", "empty: the published file has no duration, except in AudioWAV"],
    ["1076_MTI_SAD_XX", "silent: the published recording has no sound"],
  ]);
  deepEqual(notes, [
    "Without VideoDemographics.csv, gender and age are unknown.",
    "Ignored 3 files of clips that are there in another format, too, e.g. crema/AudioMP3/1001_TAI_SAD_XX.mp3 of " +
    "crema/AudioWAV/1001_TAI_SAD_XX.wav.",
    "Ignored 1 other clip, e.g. crema/AudioWAV/1001_TAI_XXX_XX.wav.",
  ]);
  await rejects(
    loadDataset(folder, { target: "distribution" }),
    /Expected the votes of CREMA-D, processedResults\/tabulatedVotes\.csv but found no such file/,
  );
});

Deno.test("CREMA-D has no split: rows are divided by actor", async () => {
  const actors = Array.from({ length: 10 }, (_, i) => `${1001 + i}`);
  const folder = await miniature(
    clipsAt(...actors.flatMap((id) => ["ANG", "SAD"].map((code) => `AudioWAV/${id}_DFA_${code}_XX.wav`))),
  );
  const { rows } = await loadDataset(folder);
  for (const id of actors) {
    equal(new Set(rows.filter(({ speaker }) => speaker === id).map(({ split }) => split)).size, 1);
  }
  equal(new Set(rows.map(({ split }) => split)).size, 3);
});
