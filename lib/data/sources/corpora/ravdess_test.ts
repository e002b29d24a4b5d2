import { dirname } from "node:path";
import { deepEqual, equal } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { RAVDESS_LABELS, ravdessSource } from "./ravdess.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { shared } from "../../../testing/shared.ts";
import { testWith } from "../../../testing/needs.ts";

Deno.test("file names give label, text, actor and split", async () => {
  const { candidates, rejected, notes } = await ravdessSource("set", [
    "Actor_01/03-01-06-01-02-01-01.wav",
    "Audio_Speech_Actors_01-24/Actor_24/03-01-01-01-01-02-24.wav",
    "actor_13/03-01-02-02-01-01-13.FLAC",
    "Actor_02/03-02-02-02-01-01-02.wav",
    "Actor_02/01-01-02-02-01-01-02.mp4",
    "Actor_02/03-01-09-02-01-01-02.wav",
    "elsewhere/03-01-02-02-01-01-02.wav",
  ]);
  deepEqual(candidates.map(({ id, split, text, label, speaker }) => [id, split, text, label, speaker]), [
    ["03-01-06-01-02-01-01", "train", "Dogs are sitting by the door.", "fear", "actor_01"],
    ["03-01-01-01-01-02-24", "test", "Kids are talking by the door.", "neutral", "actor_24"],
    ["03-01-02-02-01-01-13", "dev", "Kids are talking by the door.", "calm", "actor_13"],
  ]);
  deepEqual(rejected.map(({ reason }) => reason), [
    "unknown code in the file name: emotion 09, statement 01",
  ]);
  equal(notes[0], "Ignored 2 clips that are video or song (03-01-* is audio-only speech).");
});

Deno.test("a clip that is there twice is used once; one with the same name and other content is told", async () => {
  const folder = await Deno.makeTempDir(), outer = "audio_speech_actors_01-24/";
  const write = async (path: string, content: string) => {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, content);
  };
  for (const [actor, emotion] of [["01", "01"], ["02", "05"], ["11", "03"], ["14", "05"]]) {
    const clip = `Actor_${actor}/03-01-${emotion}-01-01-01-${actor}.wav`;
    await write(clip, `clip ${actor}`);
    await write(outer + clip, actor === "14" ? "CLIP 14" : `clip ${actor}`);
  }
  const { rows, rejected, notes } = await loadDataset(folder);
  deepEqual(rows.map(({ audio }) => audio), [
    "Actor_01/03-01-01-01-01-01-01.wav",
    "Actor_02/03-01-05-01-01-01-02.wav",
    "Actor_11/03-01-03-01-01-01-11.wav",
    "Actor_14/03-01-05-01-01-01-14.wav",
  ]);
  const [known, other] = ["", outer].map((at) => `${at}Actor_14/03-01-05-01-01-01-14.wav`);
  deepEqual(rejected.map(({ reason }) => reason), [`same name, other content: ${other} is not ${known}`]);
  equal(
    notes[0],
    "Ignored 3 copies of clips, with the same name and content, e.g. " +
      `${outer}Actor_01/03-01-01-01-01-01-01.wav of Actor_01/03-01-01-01-01-01-01.wav.`,
  );
});

Deno.test("an actor's folder is found at any level, and none in another folder", async () => {
  const clip = "03-01-05-01-01-01-02.wav", actor = `Actor_02/${clip}`;
  for (const [path, below] of [[`archive/audio_speech_actors_01-24/${actor}`, ""], [actor, "/Actor_02"]]) {
    const folder = await miniature(clipsAt(path, "elsewhere/03-01-06-01-01-01-02.wav"));
    const { rows } = await loadDataset(folder + below, { labelled: false });
    deepEqual(rows.map(({ id, audio }) => [id, audio]), [
      ["03-01-05-01-01-01-02", below ? clip : path],
    ]);
  }
});

testWith("shared/data/ravdess", {
  name: "the folder and its manifest give the same rows",
  fn: async () => {
    const folder = await loadDataset(shared("data/ravdess")!);
    const manifest = await loadDataset(shared("data/ravdess.csv")!);
    deepEqual(folder.labels, RAVDESS_LABELS);
    deepEqual(manifest.labels, RAVDESS_LABELS);
    equal(folder.rows.length, 960);
    deepEqual(
      folder.rows.map(({ gender: _, ...row }) => ({ ...row, audio: `ravdess/${row.audio}` })),
      manifest.rows,
    );
    equal(folder.rows.find(({ speaker }) => speaker === "actor_02")!.gender, "female");
  },
});
