import { deepEqual } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

const AT = "Raw JL corpus (unchecked and unannotated)/JL(wav+txt)";
const EMOTIONS = [
  ["angry", "anger"],
  ["sad", "sadness"],
  ["neutral", "neutral"],
  ["happy", "joy"],
  ...["excited", "anxious", "apologetic", "assertive", "concerned", "encouraging"].map((
    name,
  ) => [name, name]),
];

Deno.test("JL-Corpus whole: names give speaker, gender, emotion and session, the .txt the words", async () => {
  const names = EMOTIONS.map(([name], i) => `${i < 5 ? "female1" : "male2"}_${name}_${i + 1}a_${1 + i % 2}`);
  const folder = await miniature({
    ...clipsAt(...names.map((name) => `${AT}/${name}.wav`)),
    ...Object.fromEntries(names.map((name, i) => [`${AT}/${name}.txt`, `Sentence ${i + 1}.\n`])),
  });
  for (const at of [folder, `${folder}/${AT}`]) {
    const { name, labels, rows, rejected, notes } = await loadDataset(at, { labelled: false });
    deepEqual([name, rejected, notes], ["JL-Corpus", [], []]);
    deepEqual(labels, EMOTIONS.map(([, label]) => label));
    const byId = new Map(rows.map((row) => [row.id, row]));
    deepEqual(
      names.map((id) => {
        const { label, speaker, gender, session, text } = byId.get(id)!;
        return [label, speaker, gender, session, text];
      }),
      [
        ["anger", "female1", "female", "1", "Sentence 1."],
        ["sadness", "female1", "female", "2", "Sentence 2."],
        ["neutral", "female1", "female", "1", "Sentence 3."],
        ["joy", "female1", "female", "2", "Sentence 4."],
        ["excited", "female1", "female", "1", "Sentence 5."],
        ["anxious", "male2", "male", "2", "Sentence 6."],
        ["apologetic", "male2", "male", "1", "Sentence 7."],
        ["assertive", "male2", "male", "2", "Sentence 8."],
        ["concerned", "male2", "male", "1", "Sentence 9."],
        ["encouraging", "male2", "male", "2", "Sentence 10."],
      ],
    );
  }
});

Deno.test("JL-Corpus with its faults: a second copy in lower case, no words, words in Windows-1252", async () => {
  const folder = await miniature({
    [`${AT}/male1_happy_10a_1.wav`]: "1",
    [`${AT}/male1_happy_10a_1.txt`]: Uint8Array.from("It\x92s it", (char) => char.charCodeAt(0)),
    [`${AT}/male1_happy_10a_2.wav`]: "2",
    [`${AT}/male1_bored_10a_2.wav`]: "3",
    [`${AT.toLowerCase()}/male1_happy_10a_2.wav`]: "2",
  });
  const { rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual(rejected, []);
  deepEqual(rows.map(({ id, label, speaker, session, text }) => [id, label, speaker, session, text]), [
    ["male1_happy_10a_1", "joy", "male1", "1", "It’s it"],
    ["male1_happy_10a_2", "joy", "male1", "2", undefined],
  ]);
  deepEqual(notes, [
    `No .txt has words for 1 clip, e.g. ${AT}/male1_happy_10a_2.wav.`,
    "Ignored 1 copies of clips, with the same name and content, e.g. " +
    `${AT.toLowerCase()}/male1_happy_10a_2.wav of ${AT}/male1_happy_10a_2.wav.`,
    `Ignored 1 other clip, e.g. ${AT}/male1_bored_10a_2.wav.`,
  ]);
});
