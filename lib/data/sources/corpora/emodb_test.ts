import { deepEqual } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

Deno.test("EMO-DB 1: names give speaker, sentence and emotion", async () => {
  const names = [
    "03a01Fa",
    "08a02Wb",
    "09a04Lc",
    "10a05Ea",
    "11a07Aa",
    "12b01Tb",
    "13b02Na",
    "14b03Wa",
    "15b09Na",
  ];
  const folder = await miniature(clipsAt(...[...names, "16b10Ld"].map((name) => `wav/${name}.wav`)));
  const whole = await loadDataset(folder, { labelled: false });
  deepEqual([whole.name, whole.rejected, whole.notes], ["EMO-DB", [], []]);
  deepEqual(whole.labels, ["anger", "boredom", "disgust", "fear", "joy", "sadness", "neutral"]);
  deepEqual(
    whole.rows.map(({ id, label, speaker, gender, age, text }) => [id, label, speaker, gender, age, text]),
    [
      ["03a01Fa", "joy", "03", "male", "31", "Der Lappen liegt auf dem Eisschrank."],
      ["08a02Wb", "anger", "08", "female", "34", "Das will sie am Mittwoch abgeben."],
      ["09a04Lc", "boredom", "09", "female", "21", "Heute abend könnte ich es ihm sagen."],
      [
        "10a05Ea",
        "disgust",
        "10",
        "male",
        "32",
        "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
      ],
      ["11a07Aa", "fear", "11", "male", "26", "In sieben Stunden wird es soweit sein."],
      [
        "12b01Tb",
        "sadness",
        "12",
        "male",
        "30",
        "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
      ],
      [
        "13b02Na",
        "neutral",
        "13",
        "female",
        "32",
        "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
      ],
      [
        "14b03Wa",
        "anger",
        "14",
        "female",
        "35",
        "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
      ],
      [
        "15b09Na",
        "neutral",
        "15",
        "male",
        "25",
        "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
      ],
      ["16b10Ld", "boredom", "16", "female", "31", "Die wird auf dem Platz sein, wo wir sie immer hinlegen."],
    ],
  );
  const below = await loadDataset(`${folder}/wav`, { labelled: false });
  deepEqual(below.rows.map(({ id }) => id), whole.rows.map(({ id }) => id));
});

const gold = (...names: string[]) =>
  "file,emotion,emotion.confidence,emotion.naturalness\n" +
  names.map((name) => `wav/${name}.wav,neutral,0.9,0.8\n`).join("");

Deno.test("EMO-DB 2.0: its split, its ambiguous clips, and laryngograms that are no clips", async () => {
  const train = ["09a04Lc", "10a05Ea", "11a07Aa", "12b01Tb", "13b02Na", "14b03Wa"];
  const names = ["03a01Fa", "08a02Ta", ...train, "16b10Td"];
  const folder = await miniature({
    ...clipsAt(...names.flatMap((name) => [`emodb/wav/${name}.wav`, `emodb/laryngo/${name}.wav`])),
    "emodb/db.yaml": "name: emodb\n",
    "emodb/db.emotion.categories.train.gold_standard.csv": gold(...train),
    "emodb/db.emotion.categories.test.gold_standard.csv": gold("03a01Fa"),
    "emodb/db.emotion.categories.ambiguous.csv": gold("08a02Ta"),
  });
  for (const [at, below] of [[folder, "emodb/"], [`${folder}/emodb`, ""], [`${folder}/emodb/wav`]]) {
    const { rows, rejected, notes } = await loadDataset(at!);
    // Dev is a part of train, as for all data without dev.
    const splits = rows.map(({ id, split, label }) => [id, split === "dev" ? "train" : split, label]);
    deepEqual(splits, [
      ["03a01Fa", "test", "joy"],
      ["09a04Lc", "train", "boredom"],
      ["10a05Ea", "train", "disgust"],
      ["11a07Aa", "train", "fear"],
      ["12b01Tb", "train", "sadness"],
      ["13b02Na", "train", "neutral"],
      ["14b03Wa", "train", "anger"],
    ]);
    deepEqual(rejected.map(({ id, reason }) => [id, reason]), [
      ["08a02Ta", "ambiguous: less than 80 % of the listeners recognised the emotion"],
      ["16b10Td", "no split"],
    ]);
    deepEqual(notes.slice(0, below === undefined ? 1 : 2), [
      "The split is that of db.emotion.categories.train.gold_standard.csv and …test….csv.",
      ...below === undefined ? [] : [`Ignored 9 other clips, e.g. ${below}laryngo/03a01Fa.wav.`],
    ]);
  }
});
