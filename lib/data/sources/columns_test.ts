import { deepEqual, equal, match, ok } from "../../testing/assert.ts";
import { UndertoneError } from "../../errors.ts";
import { loadDataset, type LoadOptions } from "../load.ts";

const TSV = "path\ttext\tsentence\temotion\tpart\twho\n" +
  'a\t1\tHe said "no"\tjoy\ttrain\tAnn\nb\t2\tOh, well\tfear\tTrain\tBob\nc\t3\tHm\tjoy\tvalidation\tAnn\n';
const COLUMNS = { id: "path", text: "sentence", label: "emotion", split: "part", speaker: "who" };

async function file(text: string, name = "other.tsv"): Promise<string> {
  const path = `${await Deno.makeTempDir()}/${name}`;
  await Deno.writeTextFile(path, text);
  return path;
}

async function refusal(path: string, options: LoadOptions): Promise<string> {
  const error = await loadDataset(path, options).catch((error) => error);
  ok(error instanceof UndertoneError, `${error}`);
  return error.message;
}

Deno.test("columns of other people's files stand for those of a manifest", async () => {
  const path = await file(TSV), { rows, name, notes } = await loadDataset(path, { columns: COLUMNS });
  equal(name, "other");
  deepEqual(rows, [
    { id: "a", split: "train", text: 'He said "no"', label: "joy", speaker: "Ann" },
    { id: "b", split: "train", text: "Oh, well", label: "fear", speaker: "Bob" },
    { id: "c", split: "dev", text: "Hm", label: "joy", speaker: "Ann" },
  ]);
  match(notes.join("\n"), /Ignored columns of .*other\.tsv that --columns replaces: text\./);
});

Deno.test("a column can stand for two, and columns named as in a manifest need no name", async () => {
  const path = await file("audio,label,text\nx.wav,joy,Hi\ny.wav,fear,Ho\n", "x.csv");
  const { rows } = await loadDataset(path, {
    columns: { id: "audio" },
    labelled: false,
    modalities: ["text"],
  });
  deepEqual(rows.map(({ id, text }) => [id, text]), [["x.wav", "Hi"], ["y.wav", "Ho"]]);
});

Deno.test("a wrong name is refused with the header and the nearest name", async () => {
  const path = await file(TSV), message = await refusal(path, { columns: { ...COLUMNS, text: "sentense" } });
  match(message, /Expected the column 'sentense' \(--columns\.text\) but found no such column/);
  match(
    message,
    /\(columns: path, text, sentence, emotion, part, who\) .* Did you mean --columns\.text='sentence'\?/,
  );
});

Deno.test("a file whose columns must be named says how", async () => {
  const path = await file("id,sentence,labels\na,Hi,joy\n", "x.csv");
  match(
    await refusal(path, {}),
    /no column 'label' .*Add the column, or name it: --columns\.label='labels'\./,
  );
  match(
    await refusal(await file("nummer,satz,gefuehl\n1,Hallo,froh\n", "de.csv"), {}),
    /no column 'id' \(columns: nummer, satz, gefuehl\) .*Add the column, or say which one it is: --columns\.id=<name>\./,
  );
  match(
    await refusal(path, { columns: { label: "labels" } }),
    /say so: --columns\.text=<name> or --columns\.audio/,
  );
});

Deno.test("names of columns are refused where nothing has columns", async () => {
  match(await refusal("sample", { columns: { text: "sentence" } }), /Name the file, or omit --columns\./);
});

Deno.test("a TSV with quotes that are only characters is read as such, with a note", async () => {
  const path = await file(
    'id\tsplit\ttext\tlabel\n1\ttrain\t"Hi" she said\tjoy\n2\ttrain\tSo\tfear\n3\tdev\t"\tjoy\n',
  );
  const { rows, notes } = await loadDataset(path);
  deepEqual(rows.map(({ text }) => text), ['"Hi" she said', "So", '"']);
  match(notes.join("\n"), /other\.tsv was read without quoting: its quotes do not enclose cells\./);
});

Deno.test("a manifest may name the session and the corpus of a row", async () => {
  const path = await file("id,text,label,room,corpus\na,Hi,joy,7,acted\nb,Ho,fear,,\n", "x.csv");
  const { rows } = await loadDataset(path, { columns: { session: "room" }, labelled: false });
  deepEqual(rows.map(({ session, corpus }) => [session, corpus]), [["7", "acted"], [undefined, undefined]]);
});

Deno.test("a file without ids needs none if its columns are named: clips name the rows, or lines do", async () => {
  const columns = { text: "sentence", audio: "wav", label: "emotion" }, modalities = ["text"] as const;
  const lines = ["wav|sentence|emotion", "a/1.wav|Hi, you|joy", "a/2.wav|Ho|fear", "a/3.wav|So|joy"];
  const clips = await loadDataset(await file(lines.join("\n")), { columns, modalities, labelled: false });
  deepEqual(clips.rows.map(({ id, text }) => [id, text]), [["1", "Hi, you"], ["2", "Ho"], ["3", "So"]]);
  match(clips.notes.join("\n"), /other\.tsv has no column 'id': rows are named by their clips\./);
  const twice = await file(lines.join("\n").replace("a/3", "b/2"));
  const { rows, notes } = await loadDataset(twice, { columns, modalities, labelled: false });
  deepEqual(rows.map(({ id }) => id), ["line 2", "line 3", "line 4"]);
  match(notes.join("\n"), /other\.tsv has no column 'id': rows are named by their lines\./);
});
