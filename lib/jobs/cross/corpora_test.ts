import { type CrossConfig, crossConfig } from "../../config/mod.ts";
import { parseWith } from "../../schema.ts";
import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { loadCorpora, protocolWithin } from "./corpora.ts";

const folder = await Deno.makeTempDir();

/** Writes a corpus: each speaker says each label. Ids and speakers are the same in all corpora. */
async function corpus(name: string, labels: readonly string[], speakers: number): Promise<string> {
  const rows = Array.from(
    { length: speakers },
    (_, s) => labels.map((label, l) => `${s}-${l},train,${name} ${label} ${s},${label},s${s}`),
  );
  const path = `${folder}/${name}.csv`;
  await Deno.writeTextFile(path, ["id,split,text,label,speaker", ...rows.flat()].join("\n") + "\n");
  return path;
}

const a = await corpus("a", ["joy", "anger", "calm"], 6), c = await corpus("c", ["fear", "anger", "joy"], 4);
const two = await corpus("two", ["happy", "angry", "neutral"], 2);
await Deno.mkdir(`${folder}/other`);
await Deno.copyFile(c, `${folder}/other/A.csv`);

const load = (changes: Partial<CrossConfig>) =>
  loadCorpora(parseWith(crossConfig, { method: "text_only", audio: "none", ...changes }, "the test"), [
    "text",
  ]);

Deno.test("without a label space, corpora have the labels that all of them have, and all rows of these", async () => {
  const { labels, all, train, test, notes } = await load({ train: [a], test: [c, a] });
  deepEqual(labels, ["joy", "anger"]);
  deepEqual(all.map(({ name, dataset }) => [name, dataset.rows.length, dataset.labels]), [
    ["a", 12, ["joy", "anger"]],
    ["c", 8, ["joy", "anger"]],
  ]);
  deepEqual([train, test], [[all[0]], all]);
  deepEqual([...new Set(all.flatMap(({ dataset }) => dataset.rows.map(({ split }) => split)))], ["test"]);
  deepEqual(notes, []);
  match(all[0].dataset.notes.join(), /Only joy, anger are kept, without 'calm' \(6 rows\): 6 rows left out/);
  deepEqual((await load({ train: [a, c], labels: { only: ["anger", "joy"] } })).labels, ["anger", "joy"]);
});

Deno.test("a label space joins names, and what a corpus lacks is told; --shared leaves that out", async () => {
  const space = { train: [two, a], test: [a], labels: { map: "meld-7" } };
  const { labels, notes } = await load(space);
  deepEqual(labels, ["neutral", "joy", "anger"]);
  deepEqual(notes, [
    "a has no row of 'neutral', so its models can't learn it.",
    "a has no row of 'neutral': on it, UA leaves these out, and macro F1 counts them as 0.",
  ]);
  const shared = await load({ ...space, shared: true });
  deepEqual([shared.labels, shared.notes], [["joy", "anger"], []]);
});

Deno.test("rows of a test corpus that a training corpus has, too, are told", async () => {
  const { notes } = await load({ train: [c], test: [`${folder}/other/A.csv`] });
  deepEqual(notes, [
    "12 of 12 rows of A are also in c (e.g. c fear 0): models of c have seen them.",
  ]);
});

Deno.test("corpora of one name, in any case, have different names", async () => {
  const { all, notes } = await load({ train: [a, `${folder}/other/A.csv`] });
  deepEqual(notes, []);
  deepEqual(all.map(({ name }) => name), ["a", "A-2"]);
  deepEqual(all.map(({ dataset }) => dataset.rows.length), [12, 8]);
});

Deno.test("a corpus has as many folds as its speakers allow, or the reason why it has none", async () => {
  const { all } = await load({ train: [a, c, two], labels: { map: "meld-7" } });
  deepEqual(all.slice(0, 2).map((corpus) => protocolWithin(corpus, 5)), [
    { protocol: "kfold:5" },
    { protocol: "kfold:4" },
  ]);
  const last = protocolWithin(all[2], 5);
  ok("reason" in last);
  match(last.reason, /at least 3 speakers .* found 2/);
});

Deno.test("corpora without common labels, a corpus twice, and one without clips are refused", async () => {
  await rejects(
    load({ train: [a], test: [two] }),
    /two labels that all corpora have but found none \(a: anger, calm, joy; two: angry, .*--labels\.map=ekman/,
  );
  await rejects(load({ train: [a, `${a}/`] }), /each corpus once but found '.*a\.csv' twice at --train/);
  const config = parseWith(crossConfig, { method: "early_fusion", train: [a], test: [c] }, "the test");
  await rejects(loadCorpora(config, ["text", "audio"]), /audio in every corpus, .*--method text_only/);
});

Deno.test("stored features are refused if rows of two corpora have one name", async () => {
  const config = { train: [a], test: [c], text: "features:states.h5" };
  await rejects(load(config), /rows whose names are those of one corpus, .* found '0-0' in a and in c/);
  equal((await load({ ...config, test: [a] })).all.length, 1);
});
