import { fileURLToPath } from "node:url";
import { deepEqual, ok, rejects } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";
import { recognitionOf } from "../find.ts";
import { placeAt } from "../place.ts";
import { dataSources } from "../registry.ts";
import { WORTH_TELLING } from "../source.ts";
import { corpora } from "./built_in.ts";

const PAGE = fileURLToPath(new URL("../../../../docs/CORPORA.md", import.meta.url));

Deno.test("docs/CORPORA.md has a row for each built-in corpus, and for nothing else", async () => {
  const [page] = (await Deno.readTextFile(PAGE)).split("| from "); // the next table says what can be fetched
  const rows = page.split("\n").filter((line) => /^\| `[\w-]+`/.test(line));
  deepEqual(rows.map((row) => /`([\w-]+)`/.exec(row)![1]).sort(), corpora.map(({ id }) => id).sort());
  for (const row of rows) {
    const cells = row.split("|").slice(1, -1).map((cell) => cell.trim());
    ok(cells.length === 7 && cells.every((cell) => cell !== ""), row);
    const { name } = corpora.find(({ id }) => cells[0] === `\`${id}\``)!;
    ok(cells[1].includes(name), `${row} does not name ${name}`);
  }
});

/** A clip of each corpus whose clips' names tell it. */
const CLIPS: Readonly<Record<string, string>> = {
  cremad: "AudioWAV/1001_DFA_ANG_XX.wav",
  emodb: "wav/03a01Fa.wav",
  enterface: "subject 1/anger/sentence 1/s1_an_1.avi",
  esd: "0011/Angry/0011_000351.wav",
  jl: "JL(wav+txt)/female1_angry_10a_1.wav",
  nemo: "samples/EB0_anger_1.wav",
  ravdess: "Actor_01/03-01-05-01-01-01-01.wav",
  savee: "AudioData/DC/a01.wav",
  tess: "OAF_angry/OAF_back_angry.wav",
};

/** Returns the sources that would read or be told of at a folder. */
async function claims(folder: string): Promise<string[]> {
  const place = await placeAt(folder, { labelled: true, audio: true }), ids: string[] = [];
  for (const source of dataSources()) {
    const found = await recognitionOf(source, folder, place);
    if (found && found.strength >= WORTH_TELLING) ids.push(source.id);
  }
  return ids;
}

Deno.test("a corpus' clips are recognised by its own source alone, one folder higher and lower, too", async () => {
  for (const [id, clip] of Object.entries(CLIPS)) {
    const folder = await miniature(clipsAt(`outer/${clip}`));
    const levels = ["", "/outer", `/outer/${clip.slice(0, clip.indexOf("/"))}`];
    for (const level of levels) deepEqual(await claims(folder + level), [id], folder + level);
    deepEqual((await loadDataset(folder, { labelled: false })).rows.length, 1, id);
  }
});

Deno.test("clips of two corpora in one folder are an error that names both, and its advice works", async () => {
  const folder = await miniature(clipsAt(CLIPS.cremad, CLIPS.tess));
  await rejects(
    loadDataset(folder),
    /found 1 clips with names of CREMA-D \(for cremad\) and 1 clips with names of TESS \(for tess\).*Name the source/,
  );
  const { name, rows, notes } = await loadDataset(`tess:${folder}`, { labelled: false });
  deepEqual([name, rows.map(({ id }) => id)], ["TESS", ["OAF_back_angry"]]);
  deepEqual(notes, [`Ignored 1 other clip, e.g. ${CLIPS.cremad}.`]);
});

Deno.test("names that only resemble a corpus' are not taken for it", async () => {
  const folder = await miniature(clipsAt(
    "a01.wav",
    "x/03a01Fa1.wav",
    "x/0011_000351.wav",
    "x/1001_DFA_ANG.wav",
    "x/EB0_bored_1.wav",
    "x/OAF_angry.wav",
    "x/female3_angry_1a_1.wav",
    "x/s1_an_1.avi",
  ));
  deepEqual(await claims(folder), []);
});

Deno.test("a corpus that is named, but is not there, says what its clips are called", async () => {
  const folder = await miniature(clipsAt("x.wav"));
  for (const id of Object.keys(CLIPS)) {
    await rejects(
      loadDataset(`${id}:${folder}`),
      /^UndertoneError: Expected clips named as in .+ but found none among 1 files at .* Name the folder that contains them\.$/,
      id,
    );
  }
});
