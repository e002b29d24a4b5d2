import { deepEqual, equal } from "../../testing/assert.ts";
import { loadDataset } from "../load.ts";
import { RAVDESS_LABELS, ravdessSource } from "./ravdess.ts";
import { shared } from "../../testing/shared.ts";
import { testWith } from "../../testing/needs.ts";

Deno.test("file names give label, text, actor and split", () => {
  const { candidates, rejected, notes } = ravdessSource("set", [
    "Actor_01/03-01-06-01-02-01-01.wav",
    "Audio_Speech_Actors_01-24/Actor_24/03-01-01-01-01-02-24.wav",
    "actor_13/03-01-02-02-01-01-13.flac",
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

testWith("shared/data/ravdess", {
  name: "the folder and its manifest give the same rows",
  fn: async () => {
    const folder = await loadDataset(shared("data/ravdess")!);
    const manifest = await loadDataset(shared("data/ravdess.csv")!);
    deepEqual(folder.labels, RAVDESS_LABELS);
    deepEqual(manifest.labels, RAVDESS_LABELS);
    equal(folder.rows.length, 960);
    deepEqual(folder.rows.map((row) => ({ ...row, audio: `ravdess/${row.audio}` })), manifest.rows);
  },
});
