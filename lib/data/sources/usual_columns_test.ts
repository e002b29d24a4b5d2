import { deepEqual } from "../../testing/assert.ts";
import { usualColumns, usualNotes } from "./usual_columns.ts";

const columns = (...names: string[]) => names.map((name) => ({ name, clips: false, classes: false }));

Deno.test("usual names are found in any case; the most telling one counts, and a column stands for one", () => {
  deepEqual(usualColumns(columns("Transcript", "sentence", "Emotion", "Speaker ID", "path", "x")), {
    text: "sentence",
    audio: "path",
    label: "Emotion",
    speaker: "Speaker ID",
  });
  deepEqual(usualColumns(columns("id", "text", "label")), { id: "id", text: "text", label: "label" });
});

Deno.test("what the user names is not named again", () => {
  deepEqual(usualColumns(columns("text", "sentence", "label"), { text: "sentence" }), { label: "label" });
  deepEqual(usualColumns(columns("text", "label"), { label: "text" }), {});
});

Deno.test("clips and classes are known without a name, if there is one column of them", () => {
  const clip = { name: "utterance_wav", clips: true, classes: false }, path = columns("path");
  const mood = { name: "mood", clips: false, classes: true }, gender = { ...mood, name: "gender" };
  deepEqual(usualColumns([clip, ...path, mood, gender]), {
    audio: "utterance_wav",
    label: "mood",
    gender: "gender",
  });
  deepEqual(usualColumns([clip, { ...clip, name: "image" }, mood, { ...mood, name: "topic" }]), {});
});

Deno.test("a note tells the columns that have another name", () => {
  deepEqual(usualNotes("x.parquet", { id: "id", text: "sentence" }), [
    "Columns of x.parquet were read by their usual names: 'sentence' as text. --columns names others.",
  ]);
  deepEqual(usualNotes("x.parquet", { id: "id" }), []);
});
