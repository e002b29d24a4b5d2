import { deepEqual } from "../../../testing/assert.ts";
import { clipsAt, miniature } from "../../../testing/miniature.ts";
import { loadDataset } from "../../load.ts";

Deno.test("TESS whole, in one folder: names give actress, word and emotion", async () => {
  const emotions = ["angry", "disgust", "fear", "happy", "neutral", "ps", "sad"];
  const folder = await miniature(
    clipsAt(...emotions.map((name) => `OAF_back_${name}.wav`), "YAF_youth_ps.wav"),
  );
  const { name, labels, rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual([name, rejected, notes], ["TESS", [], []]);
  deepEqual(labels, ["anger", "disgust", "fear", "joy", "surprise", "sadness", "neutral"]);
  deepEqual(
    rows.map(({ id, label, speaker, gender, age, text }) => [id, label, speaker, gender, age, text]),
    [
      ["OAF_back_angry", "anger", "OAF", "female", "64", "Say the word back."],
      ["OAF_back_disgust", "disgust", "OAF", "female", "64", "Say the word back."],
      ["OAF_back_fear", "fear", "OAF", "female", "64", "Say the word back."],
      ["OAF_back_happy", "joy", "OAF", "female", "64", "Say the word back."],
      ["OAF_back_neutral", "neutral", "OAF", "female", "64", "Say the word back."],
      ["OAF_back_ps", "surprise", "OAF", "female", "64", "Say the word back."],
      ["OAF_back_sad", "sadness", "OAF", "female", "64", "Say the word back."],
      ["YAF_youth_ps", "surprise", "YAF", "female", "26", "Say the word youth."],
    ],
  );
});

Deno.test("TESS as on Kaggle: every folder twice, a clip without its F, and one that was changed", async () => {
  const inner = {
    "OAF_Pleasant_surprise/OAF_bar_ps.wav": "1",
    "OAF_neutral/OA_bite_neutral.wav": "2",
    "YAF_pleasant_surprised/YAF_bar_ps.wav": "3",
    "YAF_sad/YAF_bar_sad.wav": "4",
    "YAF_sad/readme.wav": "5",
  };
  const data = "TESS Toronto emotional speech set data";
  const folder = await miniature({
    ...Object.fromEntries(Object.entries(inner).map(([path, content]) => [`${data}/${path}`, content])),
    ...Object.fromEntries(
      Object.entries(inner).map(([path, content]) => [`${data}/${data}/${path}`, content]),
    ),
    [`${data}/${data}/YAF_sad/YAF_bar_sad.wav`]: "changed",
  });
  const { rows, rejected, notes } = await loadDataset(folder, { labelled: false });
  deepEqual(rows.map(({ id, label, speaker, audio }) => [id, label, speaker, audio]), [
    ["OAF_bar_ps", "surprise", "OAF", `${data}/OAF_Pleasant_surprise/OAF_bar_ps.wav`],
    ["OAF_bite_neutral", "neutral", "OAF", `${data}/OAF_neutral/OA_bite_neutral.wav`],
    ["YAF_bar_ps", "surprise", "YAF", `${data}/${data}/YAF_pleasant_surprised/YAF_bar_ps.wav`],
    ["YAF_bar_sad", "sadness", "YAF", `${data}/${data}/YAF_sad/YAF_bar_sad.wav`],
  ]);
  const [known, other] = [`${data}/${data}`, data].map((at) => `${at}/YAF_sad/YAF_bar_sad.wav`);
  deepEqual(rejected.map(({ reason }) => reason), [`same name, other content: ${other} is not ${known}`]);
  deepEqual(notes, [
    "Ignored 3 copies of clips, with the same name and content, e.g. " +
    `${data}/${data}/OAF_Pleasant_surprise/OAF_bar_ps.wav of ${data}/OAF_Pleasant_surprise/OAF_bar_ps.wav.`,
    `Ignored 2 other clips, e.g. ${data}/${data}/YAF_sad/readme.wav.`,
  ]);
});
