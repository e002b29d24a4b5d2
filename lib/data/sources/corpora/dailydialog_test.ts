import { deepEqual, equal, ok, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf } from "./testing.ts";

const split = (name: string, texts: string, emotions: string) => ({
  [`${name}/dialogues_${name}.txt`]: texts,
  [`${name}/dialogues_emotion_${name}.txt`]: emotions,
  [`${name}/dialogues_act_${name}.txt`]: emotions,
});

const WHOLE: Record<string, string> = {
  "readme.txt": "Here are some explanations about the files:\n",
  "dialogues_text.txt": "Not read , because there are splits . __eou__\n",
  "dialogues_emotion.txt": "0\n",
  ...split(
    "train",
    "The kitchen stinks . __eou__ I'll throw out the garbage . __eou__\n" +
      "So Dick , how about getting some coffee ? __eou__ Coffee ? I hate it . __eou__ Oh no ! __eou__\n",
    "2 0 \n4 1 3 \n",
  ),
  ...split("validation", "Good morning , sir . __eou__ My dog died . __eou__\n", "0 5\n"),
  ...split("test", "Hey man , you wanna buy some weed ? __eou__ Some what ? __eou__\n", "0 6 \n"),
};

const NOTE = "DailyDialog does not name its speakers: in each dialogue, two are taken to speak in turn.";

Deno.test("DailyDialog: dialogues, turns, labels and official splits; speakers are a guess", async () => {
  const { name, labels, rows, rejected, notes } = await loadDataset(await miniature(WHOLE));
  equal(name, "DailyDialog");
  deepEqual(labels, ["no emotion", "anger", "disgust", "fear", "joy", "sadness", "surprise"]);
  const row = (split: string, dialogue: string, turn: number, text: string, label: string) => ({
    id: `${dialogue}_${turn}`,
    split,
    text,
    label,
    speaker: `${dialogue}_${"AB"[turn % 2]}`,
    dialogue,
    turn,
  });
  deepEqual(rows, [
    row("train", "train_1", 0, "The kitchen stinks .", "disgust"),
    row("train", "train_1", 1, "I'll throw out the garbage .", "no emotion"),
    row("train", "train_2", 0, "So Dick , how about getting some coffee ?", "joy"),
    row("train", "train_2", 1, "Coffee ? I hate it .", "anger"),
    row("train", "train_2", 2, "Oh no !", "fear"),
    row("dev", "dev_1", 0, "Good morning , sir .", "no emotion"),
    row("dev", "dev_1", 1, "My dog died .", "sadness"),
    row("test", "test_1", 0, "Hey man , you wanna buy some weed ?", "no emotion"),
    row("test", "test_1", 1, "Some what ?", "surprise"),
  ]);
  deepEqual([rejected, notes[0]], [[], NOTE]);
});

Deno.test("DailyDialog one folder higher, with doubled folders, and without splits", async () => {
  const doubled = Object.fromEntries(
    Object.entries(WHOLE).map(([path, text]) => [path.replace(/^(train|validation|test)\//, "$1/$1/"), text]),
  );
  for (const files of [below("ijcnlp_dailydialog", WHOLE), doubled]) {
    deepEqual((await candidatesOf(await miniature(files))).candidates.length, 9);
  }
  const { "dialogues_text.txt": texts, "dialogues_emotion.txt": emotions } = WHOLE;
  const { candidates, notes } = await candidatesOf(
    await miniature({ "dialogues_text.txt": texts, "dialogues_emotion.txt": emotions }),
  );
  deepEqual(candidates.map(({ id, split }) => [id, split]), [["1_0", undefined]]);
  deepEqual(notes, [
    "The official splits are in train.zip, validation.zip and test.zip: extract them beside this file.",
    NOTE,
  ]);
});

Deno.test("DailyDialog with faults: too few emotions, unknown numbers, empty turns, lost split", async () => {
  const { "test/dialogues_test.txt": _, ...files } = WHOLE;
  const path = await miniature({
    ...files,
    ...split(
      "train",
      "One . __eou__ Two . __eou__\nOne . __eou__ __eou__ Three . __eou__\nOdd . __eou__\nNone . __eou__\n",
      "1\n1 0 2\n9\n\n",
    ),
  });
  const { rows, rejected, notes } = await loadDataset(path), at = `${path}/train/dialogues_train.txt`;
  deepEqual(rows.map(({ id, label, text }) => [id, label, text]), [
    ["train_2_0", "anger", "One ."],
    ["train_2_2", "disgust", "Three ."],
    ["dev_1_0", "no emotion", "Good morning , sir ."],
    ["dev_1_1", "sadness", "My dog died ."],
  ]);
  deepEqual(rejected, [
    { id: "train_1", at: `${at}, line 1`, reason: "not one emotion for each turn: 1 for 2" },
    { id: "train_4", at: `${at}, line 4`, reason: "not one emotion for each turn: 0 for 1" },
    { id: "train_2_1", at: `${at}, line 2`, reason: "neither text nor audio" },
    { id: "train_3_0", at: `${at}, line 3`, reason: "unknown label: '9'" },
  ]);
  ok(notes.includes(`${path} has no files of DailyDialog for test.`));
});

Deno.test("files of DailyDialog that do not belong together are refused", async () => {
  const path = await miniature({ ...WHOLE, "train/dialogues_emotion_train.txt": "0 0\n" });
  await rejects(candidatesOf(path), /as many lines in .*emotion_train.txt as in .* \(2\) but found 1 at/);
  await rejects(
    candidatesOf(`dailydialog:${await miniature({ "dialogues_text.txt": "Hi . __eou__\n" })}`),
    /files of DailyDialog .* found none among 1 files/,
  );
});
