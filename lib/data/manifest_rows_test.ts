import { deepEqual, equal } from "../testing/assert.ts";
import { fixture } from "../testing/shared.ts";
import { loadDataset } from "./load.ts";
import { manifestCsv, readManifestRows } from "./manifest_rows.ts";

const clip = fixture("audio/pcm16_16k_mono.wav");

/** Writes a table, copies it as a manifest into another folder, and reads both. */
async function copied(table: string, options: Parameters<typeof readManifestRows>[1] = {}) {
  const folder = await Deno.makeTempDir(),
    path = `${folder}/data.csv`,
    output = `${folder}/copy/manifest.csv`;
  await Deno.copyFile(clip, `${folder}/a.wav`);
  await Deno.writeTextFile(path, table);
  await Deno.mkdir(`${folder}/copy`);
  const source = await readManifestRows(path, options);
  await Deno.writeTextFile(output, manifestCsv(source, output));
  const [before, after] = [await loadDataset(path, options), await loadDataset(output)];
  const text = await Deno.readTextFile(output);
  await Deno.remove(folder, { recursive: true });
  return { source, before, after, text };
}

Deno.test("a copied manifest reads as the data, with every further column", async () => {
  const { source, before, after, text } = await copied(
    "id,split,text,audio,label,mood,speaker\n" +
      'a,train,=1+1,a.wav,joy,x,ann\nb,train,\'so,,anger,,ben\nc,dev,"he, she",a.wav,joy,y,ann\n',
  );
  deepEqual(after.rows, before.rows.map((row) => ({ ...row, ...row.audio && { audio: "../a.wav" } })));
  equal(text.split("\n")[0], "id,split,text,audio,label,speaker,mood");
  deepEqual(source.notes, []);
});

Deno.test("targets of other kinds keep their columns", async () => {
  const { before, after } = await copied(
    "id,split,text,value:valence,value:arousal\na,train,x,0.1,0.2\nb,train,y,-0.3,1\nc,dev,z,0,0.5\n",
  );
  deepEqual([after.target, after.labels, after.rows], [before.target, before.labels, before.rows]);
});

Deno.test("columns with other names get the manifest's, and a line that is no row is named", async () => {
  const { source, before, after } = await copied(
    "name,part,sentence,wav,emotion\na,train,x,a.wav,joy\nb,train,y,,anger\nbroken\nc,dev,z,a.wav,joy\n",
    { columns: { id: "name", split: "part", text: "sentence", audio: "wav", label: "emotion" } },
  );
  deepEqual(after.rows.map(({ id, label }) => [id, label]), before.rows.map(({ id, label }) => [id, label]));
  deepEqual(source.rejected.map(({ id }) => id), ["line 4"]);
});
