import { deepEqual, equal } from "../../../testing/assert.ts";
import { miniature } from "../../../testing/miniature.ts";
import { random } from "../../../random.ts";
import { loadDataset } from "../../load.ts";
import { registerDataSource } from "../registry.ts";
import { clipCorpus, distinctClips } from "./clip_corpus.ts";

Deno.test("of any files each clip gives one row, and every other file is told", async () => {
  const { integer: int } = random(3), files: Record<string, string> = {};
  for (let i = 0; i < 200; i++) {
    const ending = ["wav", "WAV", "flac", "mp3"][int(4)];
    files[`${int(5)}/${int(5)}/clip${int(20)}.${ending}`] = `content ${int(3)}`;
  }
  const folder = await miniature(files), paths = Object.keys(files).sort();
  const rows = paths.map((audio) => ({ audio, id: /clip\d+/.exec(audio)![0] }));
  const { kept, rejected, notes } = await distinctClips(folder, rows);
  deepEqual(kept.map(({ id }) => id).sort(), [...new Set(rows.map(({ id }) => id))].sort());
  const told = notes.reduce((sum, note) => sum + Number(/\d+/.exec(note)![0]), 0);
  equal(kept.length + rejected.length + told, paths.length);
  const rank = (path: string) => ["wav", "flac", "mp3"].indexOf(path.split(".")[1].toLowerCase());
  for (const { audio, id } of kept) {
    const same = rows.filter((row) => row.id === id).map((row) => row.audio);
    equal(rank(audio), Math.min(...same.map(rank)));
    const expected = same.filter((path) => rank(path) === rank(audio) && files[path] !== files[audio]);
    deepEqual(rejected.filter((row) => row.id === id).map(({ at }) => at.slice(folder.length + 1)), expected);
  }
});

Deno.test("a corpus of one's own is a pattern and a row", async () => {
  registerDataSource(clipCorpus({
    id: "moods",
    name: "Moods",
    example: "joy-1.wav",
    labels: ["joy", "fear"],
    clip: /\/(?<label>joy|fear)-\d+$/,
    row: ({ parts: { label } }) => ({ label, speaker: "Ann" }),
  }));
  const folder = await miniature({
    "a/joy-1.wav": "1",
    "a/fear-2.ogg": "2",
    "a/rage-3.wav": "3",
    "a/notes.txt": "",
  });
  const { name, labels, rows, notes } = await loadDataset(folder, { labelled: false });
  deepEqual([name, labels], ["Moods", ["joy", "fear"]]);
  deepEqual(rows.map(({ id, label, audio }) => [id, label, audio]), [
    ["fear-2", "fear", "a/fear-2.ogg"],
    ["joy-1", "joy", "a/joy-1.wav"],
  ]);
  deepEqual(notes, ["Ignored 1 other clip, e.g. a/rage-3.wav."]);
});
