import { deepEqual, equal, ok, rejects } from "../../testing/assert.ts";
import { dirname } from "node:path";
import { loadDataset, loadFolds } from "../load.ts";

/** Writes EmoBox's folder with clips and the metadata of one corpus. Returns the path of the metadata. */
async function emoboxFolder(corpus: string, files: Record<string, unknown>): Promise<string> {
  const root = await Deno.makeTempDir(), metadata = `${root}/data/${corpus}`;
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${metadata}/${path}`), { recursive: true });
    await Deno.writeTextFile(
      `${metadata}/${path}`,
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  const wavs = Object.values(files).flatMap((content) =>
    [...JSON.stringify(content).replaceAll("\\", "").matchAll(/"wav":"([^"]+)"/g)].map(([, wav]) => wav)
  );
  for (const wav of wavs) {
    await Deno.mkdir(dirname(`${root}/${wav}`), { recursive: true });
    await Deno.writeTextFile(`${root}/${wav}`, "");
  }
  return metadata;
}

const lines = (entries: readonly object[]) => entries.map((entry) => JSON.stringify(entry) + "\n").join("");
const LABELS = { neu: "Neutral", hap: "Happy", exc: "Happy" };

/** An utterance of a dialogue of IEMOCAP, as EmoBox describes it. */
const said = (session: number, who: string, turn: string, emo: string) => {
  const dialogue = `Ses0${session}M_impro01`, name = `${dialogue}_${who}${turn}`;
  return {
    key: `iemocap-${name}`,
    dataset: "iemocap",
    wav: `downloads/iemocap/Session${session}/sentences/wav/${dialogue}/${name}.wav`,
    type: "raw",
    length: 1.5,
    emo,
    channel: 1,
  };
};

const sessions = [1, 2, 3].map((session) => [
  said(session, "F", "000", "neu"),
  said(session, "M", "000", "exc"),
  said(session, "F", "001", "hap"),
]);

const iemocap = () =>
  emoboxFolder("iemocap", {
    "label_map.json": LABELS,
    ...Object.fromEntries(
      sessions.flatMap((own, i) => [
        [`fold_${i + 1}/iemocap_test_fold_${i + 1}.jsonl`, lines(own)],
        [`fold_${i + 1}/iemocap_train_fold_${i + 1}.jsonl`, lines(sessions.filter((s) => s !== own).flat())],
      ]),
    ),
  });

Deno.test("EmoBox's folds are read as they are, and dev is what the next fold tests", async () => {
  const folds = await loadFolds(await iemocap(), { protocol: "emobox" });
  equal(folds.length, 3);
  folds.forEach(({ dataset: { rows } }, fold) => {
    const sessionOf = (
      split: string,
    ) => [...new Set(rows.flatMap((row) => row.split === split ? row.session! : []))];
    deepEqual(
      ["test", "dev", "train"].map(sessionOf),
      [0, 1, 2].map((next) => [`Ses0${(fold + next) % 3 + 1}`]),
    );
  });
  deepEqual(folds[0].dataset.rows[0], {
    id: "iemocap-Ses01M_impro01_F000",
    split: "test",
    audio: "downloads/iemocap/Session1/sentences/wav/Ses01M_impro01/Ses01M_impro01_F000.wav",
    label: "Neutral",
    speaker: "Ses01F",
    session: "Ses01",
    dialogue: "Ses01M_impro01",
    gender: "female",
    turn: 0,
    folds: ["test", "train", "train"],
  });
  deepEqual(folds[0].dataset.labels, ["Happy", "Neutral"]);
});

Deno.test("without a protocol the splits are those of fold 1, which a note says", async () => {
  const { rows, notes } = await loadDataset(await iemocap());
  const test = rows.filter(({ split }) => split === "test");
  deepEqual([...new Set(test.map(({ session }) => session))], ["Ses01"]);
  ok(notes[0].startsWith("The splits are those of fold 1 of 3"), notes[0]);
});

Deno.test("a .json of one object stands for a .jsonl; its own dev rows stay; odd entries are rejected", async () => {
  const entry = (name: string, emo: string, more = {}) => ({
    wav: `downloads/meld/${name}.wav`,
    emo,
    ...more,
  });
  const byKey = (...names: string[]) =>
    Object.fromEntries(names.map((name, i) => [name, entry(name, i % 2 ? "hap" : "neu")]));
  const folder = await emoboxFolder("meld", {
    "label_map.json": LABELS,
    "fold_1/meld_train_fold_1.json": {
      ...byKey("a", "b"),
      c: entry("c", "fru"),
      d: entry("d", "neu", { start_time: 1 }),
    },
    "fold_1/meld_valid_fold_1.json": byKey("e", "f"),
    "fold_1/meld_test_fold_1.json": byKey("g", "h", "a"),
  });
  const [{ dataset: { rows, rejected } }] = await loadFolds(folder, { protocol: "emobox" });
  const splits = rows.map(({ id, split }) => `${id} ${split}`).sort();
  deepEqual(splits, ["a test", "b train", "e dev", "f dev", "g test", "h test"]);
  deepEqual(rejected.map(({ reason }) => reason.split(":")[0]).sort(), [
    "in several splits of fold 1",
    "part of a clip",
    "unknown label",
  ]);
});

Deno.test("a damaged line and another folder are refused", async () => {
  const folder = await emoboxFolder("x", { "fold_1/x_train_fold_1.jsonl": "{]\n" });
  await rejects(loadDataset(folder), /a JSON object on each line but found \{\] at .*jsonl, line 1/);
  await rejects(loadDataset(`emobox:${await Deno.makeTempDir()}`), /EmoBox's folds .* but found none/);
});
