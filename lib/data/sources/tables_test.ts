/** Other people's tables: folders of CSV files by split, parquet files and data sets of the hub. */
import { dirname, join } from "node:path";
import { deepEqual, equal, match, ok } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { UndertoneError } from "../../errors.ts";
import { readClip } from "../audio/mod.ts";
import { loadDataset, type LoadOptions } from "../load.ts";
import { clipPath } from "../utterance.ts";

const { hub } = await jsonFixture("parquet/expected.json");
const HUB = fixture("parquet/hub");

async function folder(files: Record<string, string | Uint8Array>): Promise<string> {
  const path = await Deno.makeTempDir();
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(path, name)), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(join(path, name), content);
    else await Deno.writeFile(join(path, name), content);
  }
  return path;
}

async function refusal(path: string, options: LoadOptions = {}): Promise<string> {
  const error = await loadDataset(path, options).catch((error) => error);
  ok(error instanceof UndertoneError, `${error}`);
  return error.message;
}

const file = (name: string) => Deno.readFileSync(fixture(`parquet/hub/data/${name}-00000-of-00001.parquet`));
/** The data set of the fixture as if it also had a dev split. */
const whole = async () =>
  await folder({
    "README.md": "# Data",
    "data/train-00000-of-00002.parquet": file("train"),
    "data/validation-00000-of-00001.parquet": file("test"),
  });

Deno.test("a data set of the hub: splits from names, classes from its features, clips unpacked once", async () => {
  const path = await whole(), cache = await Deno.makeTempDir();
  const { rows, rejected, root, notes, labels } = await loadDataset(path, { cache });
  deepEqual(labels, ["neutral", "joy", "anger"]);
  deepEqual(
    rows.map(({ id, split, text, label, speaker }) => [id, split, text, label, speaker]),
    [
      ["train-00000-of-00002 row 1", "train", "Hi", "neutral", "1"],
      ["train-00000-of-00002 row 2", "train", "Größe, “so”", "anger", "1"],
      ["train-00000-of-00002 row 3", "train", undefined, "joy", "2"],
      ["train-00000-of-00002 row 4", "train", "No clip", "joy", undefined],
      ["validation-00000-of-00001 row 1", "dev", "Hm", "joy", "4"],
    ],
  );
  deepEqual(rejected.map(({ reason }) => reason), ["no label", "no label"]);
  const names = rows.map(({ audio }) => audio?.replace(/^[0-9a-f]{16}\//, ""));
  deepEqual(names, ["row-1-a.wav", "row-2-A.wav", "row-3", undefined, "a.wav"]);
  for (const [i, { audio }] of rows.entries()) {
    if (!audio) continue;
    const bytes = await Deno.readFile(clipPath(root, audio));
    equal(bytes.toHex(), [...hub.train.slice(0, 4), ...hub.test][i].audio.bytes);
    equal((await readClip(clipPath(root, audio))).samples.length, 800); // 200 samples at 4 kHz
  }
  match(notes.join("\n"), /usual names: 'sentence' as text, 'speaker_id' as speaker, 'emotion' as label/);
  match(notes.join("\n"), /Ignored columns of .* that hold bytes, lists or structures: 'tags'\./);
  match(notes.join("\n"), /clips of .*train.* are unpacked in .*: 4 files\./);
  match(notes.join("\n"), /no column 'id': rows are named by their rows/);
  match(notes.join("\n"), /has 1 of 2 files of 'data\/train': rows are missing\./);

  const clip = clipPath(root, rows[0].audio!), { mtime } = await Deno.stat(clip);
  const again = await loadDataset(path, { cache });
  deepEqual([again.rows, again.notes], [rows, notes]);
  deepEqual((await Deno.stat(clip)).mtime, mtime, "it is not written again");
  await Deno.truncate(clip, 5);
  await loadDataset(path, { cache });
  equal((await Deno.stat(clip)).size, 244, "a clip that was cut off is written again");
  deepEqual((await loadDataset(path, { cache, modalities: ["text"] })).rows.map(({ id }) => id), [
    ...rows.map(({ id }) => id).filter((_, i) => i !== 2),
  ], "ids don't depend on the modalities");
});

Deno.test("reading text alone unpacks nothing", async () => {
  const cache = await Deno.makeTempDir();
  await loadDataset(await whole(), { cache, modalities: ["text"] });
  deepEqual(await Array.fromAsync(Deno.readDir(cache)), []);
});

Deno.test("one parquet file is a data set, and --columns names its columns", async () => {
  const cache = await Deno.makeTempDir(), path = join(HUB, "data/train-00000-of-00001.parquet");
  const { rows, name } = await loadDataset(path, {
    cache,
    labelled: false,
    columns: { id: "sentence", label: "speaker_id" },
  });
  equal(name, "train-00000-of-00001");
  deepEqual(rows.map(({ id, label }) => [id, label]), [["Hi", "1"], ["Größe, “so”", "1"], ["No label", "3"]]);
  match(await refusal(path, { columns: { text: "tags" } }), /'tags', which holds bytes, lists or structures/);
  match(await refusal(path, { columns: { text: "sentense" } }), /Did you mean --columns\.text='sentence'\?/);
});

Deno.test("a parquet file that is none, or cut off, is refused in a sentence", async () => {
  const path = await folder({
    "a/train.parquet": "id,text\n",
    "b/train.parquet": file("train").subarray(0, 3000),
    "c/train.parquet": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
  });
  match(await refusal(`${path}/a`), /Expected a parquet file but found a file of another kind/);
  match(await refusal(`${path}/b`), /Expected a parquet file but found one that is cut off/);
  match(await refusal(`${path}/c`), /found a git-lfs pointer/);
  match(await refusal(path), /tables in the folders 'a', 'b', 'c' .* Name one of them, for example .*\/a\./);
});

Deno.test("a folder of save_to_disk is refused with the way to parquet", async () => {
  const path = await folder({
    "state.json": "{}",
    "dataset_info.json": "{}",
    "data-00000-of-00001.arrow": "x",
  });
  match(await refusal(path), /load_from_disk\(".*"\)\.to_parquet\("my_data\/train\.parquet"\)`\. Then name/);
  const two = await folder({ "dataset_dict.json": "{}", "train/state.json": "{}", "train/data.arrow": "x" });
  match(await refusal(two), /for name, part in load_from_disk\(".*"\)\.items\(\)\]`/);
});

const CSV = "wav,sentence,emotion\n";

Deno.test("a folder of CSV files by split is one data set, with --columns for all of them", async () => {
  const path = await folder({
    "train.csv": CSV + "a.wav,Hi,joy\nb.wav,No,anger\n",
    "dev.csv": CSV + "a.wav,Ho,joy\n",
    "test.tsv": "wav\tsentence\temotion\na.wav\tSo\tanger\n",
    "notes.csv": "a,b\n",
  });
  const columns = { text: "sentence", audio: "wav", label: "emotion" }, modalities = ["text"] as const;
  const { rows, notes } = await loadDataset(path, { columns, modalities });
  deepEqual(
    rows,
    [
      { id: "train a", split: "train", text: "Hi", label: "joy" },
      { id: "train b", split: "train", text: "No", label: "anger" },
      { id: "dev a", split: "dev", text: "Ho", label: "joy" },
      { id: "test a", split: "test", text: "So", label: "anger" },
    ].sort((a, b) => ["dev", "test", "train"].indexOf(a.split) - ["dev", "test", "train"].indexOf(b.split)),
  );
  match(notes.join("\n"), /Ids repeat in the tables of .*, so they begin with the table's name\./);
  match(
    notes.join("\n"),
    /csv has no column .id.: rows are named by their clips\. The same holds for 2 more tables\./,
  );
  match(
    await refusal(path, { modalities }),
    /no column 'label' .*say which one it is: --columns\.label=<name>|name it: --columns\.label/,
  );
});

Deno.test("tables with other targets are not mixed", async () => {
  const path = await folder({
    "train.csv": "id,text,value:arousal\na,Hi,1\n",
    "test.csv": "id,text,value:valence\nb,Ho,2\n",
  });
  match(await refusal(path), /values \(valence\) in test\.csv and values \(arousal\) in train\.csv/);
});
