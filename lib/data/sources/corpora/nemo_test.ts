import { deepEqual } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

const HEADER = "file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage\n";

Deno.test("nEMO whole: names give speaker and emotion, data.tsv words, gender and age", async () => {
  const folder = await miniature({
    ...clipsAt(
      ...[
        "EB0_anger_1",
        "EB0_fear_2",
        "KS0_happiness_3",
        "KS0_neutral_4",
        "KS0_sadness_38",
        "WR0_surprised_64",
      ]
        .map((name) => `samples/${name}.wav`),
    ),
    "data.tsv": HEADER +
      "WR0_surprised_64.wav\tsurprised\tUcho wykrywa.\tucho wykrywa\t        WR0\tmale\t23\n" +
      "EB0_anger_1.wav\tanger\tLubię czytać.\tlubię czytać\t        EB0\tfemale\t27\n" +
      "EB0_fear_2.wav\tfear\tNie waśńmy się.\tnie waśńmy się\t        EB0\tfemale\t27\n" +
      "KS0_happiness_3.wav\thappiness\tChodźmy w tango.\tchodźmy w tango\t        KS0\tmale\t23\n" +
      "KS0_neutral_4.wav\tneutral\tDzieci jedzą.\tdzieci jedzą\t        KS0\tmale\t23\n" +
      "KS0_sadness_38.wav\tsadness\t„Ród smoka” to serial.\t„ród smoka” to serial\t        KS0\tmale\t23\n",
  });
  for (const at of [folder, `${folder}/samples`]) {
    const { name, labels, rows, rejected, notes } = await loadDataset(at, { labelled: false });
    deepEqual([name, rejected, notes], ["nEMO", [], []]);
    deepEqual(labels, ["anger", "fear", "joy", "sadness", "surprise", "neutral"]);
    deepEqual(
      rows.map(({ id, label, speaker, gender, age, text }) => [id, label, speaker, gender, age, text]),
      [
        ["EB0_anger_1", "anger", "EB0", "female", "27", "Lubię czytać."],
        ["EB0_fear_2", "fear", "EB0", "female", "27", "Nie waśńmy się."],
        ["KS0_happiness_3", "joy", "KS0", "male", "23", "Chodźmy w tango."],
        ["KS0_neutral_4", "neutral", "KS0", "male", "23", "Dzieci jedzą."],
        ["KS0_sadness_38", "sadness", "KS0", "male", "23", "„Ród smoka” to serial."],
        ["WR0_surprised_64", "surprise", "WR0", "male", "23", "Ucho wykrywa."],
      ],
    );
  }
});

Deno.test("nEMO with faults: a clip without a row, another that is none, no table", async () => {
  const clips = clipsAt("samples/EB0_anger_1.wav", "samples/EB0_anger_2.wav", "samples/EB0_bored_1.wav");
  const other = "Ignored 1 other clip, e.g. samples/EB0_bored_1.wav.";
  const half = await loadDataset(
    await miniature({
      ...clips,
      "data.tsv": HEADER + "EB0_anger_1.wav\tanger\tTak.\ttak\tEB0\tfemale\t27\n",
    }),
    { labelled: false },
  );
  deepEqual(half.rows.map(({ id, label, gender, text }) => [id, label, gender, text]), [
    ["EB0_anger_1", "anger", "female", "Tak."],
    ["EB0_anger_2", "anger", undefined, undefined],
  ]);
  deepEqual(half.notes, ["data.tsv has no row for 1 clip, e.g. samples/EB0_anger_2.wav.", other]);
  const none = await loadDataset(await miniature(clips), { labelled: false });
  deepEqual(none.rows.map(({ id, speaker }) => [id, speaker]), [["EB0_anger_1", "EB0"], [
    "EB0_anger_2",
    "EB0",
  ]]);
  deepEqual(none.notes, ["Without data.tsv, words, genders and ages are unknown.", other]);
});
