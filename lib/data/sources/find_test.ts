import { readSource } from "./find.ts";
import { dirname } from "node:path";
import { deepEqual, equal, match, ok } from "../../testing/assert.ts";
import { UndertoneError } from "../../errors.ts";
import { loadDataset } from "../load.ts";
import { SAMPLE_MANIFEST } from "../sample/mod.ts";
import { lacksSource } from "./find.ts";
import { registerDataSource } from "./registry.ts";
import type { Candidate, DataSource } from "./source.ts";

const HEADER = "id,split,text,label\n";
const ROWS = HEADER + "a,train,x,joy\nb,train,y,fear\nc,dev,z,joy\n";
const MELD = "Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\nHi,Ann,joy,0,0\nNo,Ann,fear,1,0\n";

async function folder(files: Record<string, string>): Promise<string> {
  const path = await Deno.makeTempDir();
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${path}/${name}`), { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, content);
  }
  return path;
}

/** Returns the message that refuses a path. */
async function refusal(path: string): Promise<string> {
  const refused = await loadDataset(path).catch((error) => error);
  ok(refused instanceof UndertoneError, `${path} is read`);
  return refused.message;
}

/** A corpus of one file, `<id>.lines`, whose lines are `split label text`. */
const lines = (id: string, strength: number, file = `${id}.lines`): DataSource => ({
  id,
  name: id,
  summary: `a folder with ${file}`,
  recognise: async (_, place) =>
    place.kind === "folder" && (await place.files()).includes(file) ? { strength, reason: file } : undefined,
  read: async (path) => ({
    root: path,
    labels: ["sad", "glad"],
    candidates: (await Deno.readTextFile(`${path}/${file}`)).trim().split("\n").map((line, i) => {
      const [split, label, text] = line.split(" ");
      return { at: `${path}/${file}, line ${i + 1}`, id: `${id}_${i}`, split, label, text };
    }),
  }),
});

const LINES = "train glad Hey!\ntrain sad Oh.\ndev glad Ha!\ndev blue Hm.\n";

Deno.test("a registered source is found by path and by prefix", async () => {
  registerDataSource(lines("diary", 60));
  const path = await folder({ "diary.lines": LINES });
  for (const given of [path, `${path}/`, `diary:${path}`, `diary:${path}/`]) {
    const { name, source, root, labels, rows, rejected } = await loadDataset(given);
    deepEqual([name, source, root, labels], ["diary", path, path, ["sad", "glad"]]);
    deepEqual(rows.map(({ id, split, label, text }) => [id, split, label, text]), [
      ["diary_0", "train", "glad", "Hey!"],
      ["diary_1", "train", "sad", "Oh."],
      ["diary_2", "dev", "glad", "Ha!"],
    ]);
    deepEqual(rejected.map(({ at, reason }) => [at, reason]), [
      [`${path}/diary.lines, line 4`, "unknown label: 'blue'"],
    ]);
  }
});

Deno.test("importing a module that registers a source is enough", async () => {
  const path = await folder({
    "my_corpus.ts": `import { registerDataSource } from "${import.meta.resolve("../mod.ts")}";
      registerDataSource({
        id: "chat",
        name: "chat",
        summary: "a .chat file",
        recognise: (path) => path.endsWith(".chat") ? { strength: 60, reason: "the ending .chat" } : undefined,
        read: (path) => ({
          root: ".",
          notes: ["Read as a chat."],
          candidates: ["joy", "fear"].flatMap((label) =>
            ["train", "dev"].map((split) => ({ at: path, id: split + label, split, label, text: label }))
          ),
        }),
      });`,
    "friends.chat": "\0 not a table",
  });
  await import(`file://${path}/my_corpus.ts`);
  const { rows, notes, name } = await loadDataset(`${path}/friends.chat`);
  deepEqual([rows.length, name, notes], [4, "chat", ["Read as a chat."]]);
});

Deno.test("the strongest source reads, and a note names others that were confident", async () => {
  registerDataSource(lines("weak", 49));
  registerDataSource(lines("strong", 80));
  const path = await folder({
    "weak.lines": LINES,
    "strong.lines": LINES,
    "train_sent_emo.csv": MELD,
    "03-01-01-01-01-01-01.wav": "",
  });
  const { name, notes } = await loadDataset(path);
  equal(name, "strong");
  equal(
    notes[0],
    `${path} was read by its strong.lines; it also holds 1 CSV files of MELD and 1 clips with names of RAVDESS.`,
  );
  equal((await loadDataset(`weak:${path}`)).name, "weak");
  equal((await loadDataset(`meld:${path}`, { labelled: false })).name, "MELD");
});

Deno.test("two equally strong sources are an error that names both, and its advice works", async () => {
  registerDataSource(lines("left", 70));
  registerDataSource(lines("right", 70));
  const path = await folder({ "left.lines": LINES, "right.lines": LINES, "03-01-01-01-01-01-01.wav": "" });
  equal(
    await refusal(path),
    "Expected data that one source recognises best but found left.lines (for left) and right.lines (for right) at " +
      `${path}. Name the source: left:${path} or right:${path}.`,
  );
  equal((await loadDataset(`left:${path}`)).name, "left");
  equal((await loadDataset(`right:${path}`)).name, "right");
});

Deno.test("a built-in source can be forced though another is stronger", async () => {
  const path = await folder({
    "manifest.csv": ROWS,
    "train_sent_emo.csv": MELD,
    "dev_sent_emo.csv": MELD,
    "03-01-01-01-01-01-01.wav": "",
    "03-01-03-01-01-01-11.wav": "",
    "03-01-03-01-01-01-02.wav": "",
  });
  const names = ["", "manifest:", "meld:", "ravdess:"].map(async (prefix) => {
    const { name, notes } = await loadDataset(prefix + path);
    return [name, notes.filter((note) => note.includes("was read")).length];
  });
  const own = path.split("/").pop()!;
  deepEqual(await Promise.all(names), [[own, 1], [own, 0], ["MELD", 0], ["RAVDESS", 0]]);
  equal((await loadDataset(`manifest:${path}/manifest.csv`)).rows.length, 3);
});

Deno.test("a forced source names what is missing", async () => {
  const path = await folder({ "own.csv": "a,b\n1,2\n", "half.csv": "Utterance,Emotion\nHi,joy\n" });
  const cases: [string, RegExp][] = [
    [`ravdess:${path}`, /clips named as in RAVDESS .* but found none among 2 files at .*Name the folder/],
    [`ravdess:${path}/own.csv`, /Expected a folder but found a file at .*own.csv/],
    [`meld:${path}`, /CSV files of MELD .* but found none among 2 files at/],
    [`meld:${path}/own.csv`, /columns Utterance, .* but found no column 'Utterance' \(columns: a, b\)/],
    [`meld:${path}/half.csv`, /found only some of either \(columns: Utterance, Emotion\)/],
    [`manifest:${path}`, /a CSV file but found no file at .*manifest.csv/],
    [`manifest:${path}/half.csv`, /columns id, label but found no column 'id'/],
    [`sample:${path}`, /Expected the word sample alone but found a path at sample:/],
    [`meld:${path}/nowhere`, /found nothing at \/.*nowhere. Check the path./],
    ["meld:", /Expected a path after 'meld:' but found nothing at meld:. Write, for example, meld:my\/data./],
  ];
  for (const [given, message] of cases) match(await refusal(given), message);
});

Deno.test("a mistyped prefix gets the right one suggested", async () => {
  const path = await folder({ "train_sent_emo.csv": MELD });
  for (const wrong of ["mled", "MELD", "melt"]) {
    const advice = `but found nothing at ${wrong}:${path}. Did you mean meld:${path}?`;
    equal((await refusal(`${wrong}:${path}`)).endsWith(advice), true);
  }
  match(
    await refusal("https://example.org/a.csv"),
    /Sources that can be named before it are sample, manifest, meld, ravdess/,
  );
});

/** Reads a path from the current folder. */
const readHere = (path: string) => readSource(path, { labelled: true, audio: true });

Deno.test("a colon in an existing path, or of a drive, is not a prefix", async () => {
  const path = await folder({ "meld:set.csv": ROWS, "meld:folder/manifest.csv": ROWS, "C:/my.csv": ROWS });
  const before = Deno.cwd();
  try {
    Deno.chdir(path);
    for (const given of ["meld:set.csv", "./meld:set.csv", "meld:folder", "C:/my.csv"]) {
      equal((await readHere(given)).candidates.length, 3, given);
    }
    equal((await readHere("manifest:C:/my.csv")).candidates.length, 3);
  } finally {
    Deno.chdir(before);
  }
  for (const given of ["C:\\data\\my.csv", "c:/data/my.csv"]) {
    match(await refusal(given), /found nothing at [Cc]:.*my.csv. Check the path.$/);
  }
});

Deno.test("a folder's manifest.csv may have only MELD's columns", async () => {
  const path = await folder({
    "manifest.csv": "split,Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\n" +
      "train,Hi,Ann,joy,0,0\ntrain,No,Ann,fear,1,0\ndev,No,Ann,fear,1,0\n",
  });
  const { name, notes } = await loadDataset(path);
  equal(name, "MELD");
  ok(notes.includes(`${path}/manifest.csv was read as MELD because of its columns.`));
});

Deno.test("the word sample wins over a folder of that name, with a note", async () => {
  const path = await folder({ "sample/manifest.csv": ROWS }), before = Deno.cwd();
  try {
    Deno.chdir(path);
    const { candidates, notes } = await readHere("sample");
    deepEqual([candidates.length, notes[0]], [
      280,
      "sample was read by its name; it also holds manifest.csv.",
    ]);
    equal((await readHere("./sample")).candidates.length, 3);
    equal((await readHere("sample/")).candidates.length, 3);
  } finally {
    Deno.chdir(before);
  }
  equal((await loadDataset(SAMPLE_MANIFEST)).rows.length, 280);
});

Deno.test("faults of a registered source are reported", async () => {
  const path = await folder({ "odd.lines": LINES, "numbers.lines": LINES });
  registerDataSource(lines("odd", Number.NaN));
  match(
    await refusal(path),
    /a strength from 1 to 100 and a reason from the data source 'odd' but found strength NaN, reason "odd.lines"/,
  );
  const { read, ...rest } = lines("numbers", 60);
  registerDataSource({
    ...rest,
    async read(path, place) {
      const { candidates, root } = await read(path, place);
      return { root, candidates: candidates.map((row) => ({ ...row, turn: 1 as unknown as string })) };
    },
  });
  match(
    await refusal(`numbers:${path}`),
    /rows of strings from the data source 'numbers' but found turn: 1 at .*numbers.lines, line 1/,
  );
  const shapes: [unknown, RegExp][] = [
    [[["a", "Hello."]], /found an array, \["a","Hello\."\] at row 1 of .* Fix its `read`/],
    [[{ at: "x", id: "a", text: "Hi.", label: "joy" }, null], /found null, null at row 2 of/],
    [{ a: 1 }, /a list of rows .* but found an object, \{"a":1\} at /],
    [undefined, /found undefined, .* at /],
    [[{ id: "a", text: "Hi." }], /found no text 'at', its file and line at row 1/],
  ];
  for (const [candidates, message] of shapes) {
    const given = { root: ".", candidates: candidates as Candidate[] };
    registerDataSource({ ...rest, read: () => Promise.resolve(given) }, { replace: true });
    match(await refusal(`numbers:${path}`), message);
  }
});

Deno.test("data need a source that is not here if their prefix, word or files mean nothing to the others", async () => {
  const path = await folder({ "rare.lines": "train sad x", "manifest/manifest.csv": ROWS });
  equal(await lacksSource(path), true);
  equal(await lacksSource(`unheard-of:${path}`), true);
  equal(await lacksSource("unheard-of"), true);
  equal(await lacksSource(`${path}/manifest`), false);
  equal(await lacksSource(`manifest:${path}`), false, "what is wrong here is not the source");
  equal(await lacksSource(`${path}/moved/away`), false, "nothing is there: the data have moved");
  equal(await lacksSource("sample"), false);
  registerDataSource(lines("rare", 60));
  equal(await lacksSource(path), false);
});
