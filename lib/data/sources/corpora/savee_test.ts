import { deepEqual } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

const LABELS = ["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"];
const ROWS = [
  ["DC_a01", "anger", "DC", "male"],
  ["DC_sa15", "sadness", "DC", "male"],
  ["JE_d02", "disgust", "JE", "male"],
  ["JK_n30", "neutral", "JK", "male"],
  ["JK_su03", "surprise", "JK", "male"],
  ["KL_f04", "fear", "KL", "male"],
  ["KL_h05", "joy", "KL", "male"],
];

Deno.test("SAVEE whole: folders of speakers, in the release's folder and one below it", async () => {
  const folder = await miniature({
    "AudioData/Info.txt": "Speakers",
    ...clipsAt(...ROWS.map(([id]) => `AudioData/${id.replace("_", "/")}.wav`)),
  });
  for (const at of [folder, `${folder}/AudioData`]) {
    const { name, labels, rows, rejected, notes } = await loadDataset(at, { labelled: false });
    deepEqual([name, labels, rejected, notes], ["SAVEE", LABELS, [], []]);
    deepEqual(rows.map(({ id, label, speaker, gender }) => [id, label, speaker, gender]), ROWS);
    deepEqual(rows.map(({ text }) => text), ROWS.map(() => undefined));
  }
  const { rows } = await loadDataset(`${folder}/AudioData/KL`, { labelled: false });
  deepEqual(rows.map(({ id, audio, speaker }) => [id, audio, speaker]), [
    ["KL_f04", "f04.wav", "KL"],
    ["KL_h05", "h05.wav", "KL"],
  ]);
});

Deno.test("SAVEE as on Kaggle: one folder, with names that are none of the corpus", async () => {
  const folder = await miniature(
    clipsAt(...ROWS.map(([id]) => `ALL/${id}.wav`), "ALL/DC_x01.wav", "ALL/DC_a1.wav", "ALL/PQ_a01.wav"),
  );
  const { rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual(rows.map(({ id, label, speaker, gender }) => [id, label, speaker, gender]), ROWS);
  deepEqual(rejected, []);
  deepEqual(notes, ["Ignored 3 other clips, e.g. ALL/DC_a1.wav."]);
});
