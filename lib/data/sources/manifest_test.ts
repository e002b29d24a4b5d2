import { deepEqual, equal, throws } from "../../testing/assert.ts";
import { parseCsv } from "../csv.ts";
import { manifestSource } from "./manifest.ts";

const table = (text: string, path = "set/manifest.csv") => parseCsv(new TextEncoder().encode(text), path);

Deno.test("rows keep their line, other columns are named", () => {
  const source = manifestSource(table("id,split,text,label,mood,turn\na,dev,Hi.,joy,7,2\n"), {
    labelled: true,
  });
  const { at, id, split, text, audio, label, turn } = source.candidates[0];
  deepEqual({ at, id, split, text, audio, label, turn }, {
    at: "set/manifest.csv, line 2",
    id: "a",
    split: "dev",
    text: "Hi.",
    audio: undefined,
    label: "joy",
    turn: "2",
  });
  deepEqual([source.name, source.root], ["set", "set"]);
  deepEqual(source.notes, ["Ignored columns of set/manifest.csv: 'mood'."]);
  equal(manifestSource(table("id,text,label\n", "own.csv"), { labelled: true }).name, "own");
});

Deno.test("missing columns are named", () => {
  throws(
    () => manifestSource(table("id,text,Label\n"), { labelled: true }),
    /columns id, label but found no column 'label'/,
  );
  throws(() => manifestSource(table("name,text,label\n"), { labelled: true }), /found no column 'id'/);
  throws(
    () => manifestSource(table("id,label\n"), { labelled: true }),
    /'text' or 'audio' but found neither/,
  );
});

Deno.test("rows to be predicted need no id: their line replaces it", () => {
  const { candidates } = manifestSource(table("text\nHi.\n\nNo!\n"), { labelled: false });
  deepEqual(candidates.map(({ id, text }) => [id, text]), [["line 2", "Hi."], ["line 4", "No!"]]);
});
