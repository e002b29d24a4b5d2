import { deepEqual, equal, rejects } from "../../../testing/assert.ts";
import { loadDataset } from "../../load.ts";
import { miniature } from "../../../testing/miniature.ts";
import { below, candidatesOf, clips } from "./testing.ts";

const utterance = (id: string, speakers: string[], transcript: string, emotion: string) => ({
  utterance_id: id,
  speakers,
  transcript,
  tokens: [[transcript]],
  emotion,
});
const season = (...utterances: ReturnType<typeof utterance>[]) =>
  JSON.stringify({
    season_id: "s01",
    episodes: [{
      episode_id: utterances[0].utterance_id.slice(0, 7),
      scenes: [{ scene_id: "c", utterances }],
    }],
  });

/** As the authors publish it. */
const WITH_JSON = {
  "json/emotion-detection-trn.json": season(
    utterance("s01_e02_c01_u002", ["Joey Tribbiani"], "Yeah, right!.......Y'serious?", "Neutral"),
    utterance("s01_e02_c01_u003", ["Phoebe Buffay", "Ross Geller"], "Oh, yeah!", "Joyful"),
    utterance("s01_e02_c12_u014", ["Steve (drug addict)"], "Aah", "Mad"),
  ),
  "json/emotion-detection-dev.json": season(
    utterance("s01_e15_c01_u001", ["Rachel Green"], "Coffee.", "Peaceful"),
  ),
  "json/emotion-detection-tst.json": season(utterance("s01_e01_c01_u001", ["O'Brien"], "So?", "Powerful")),
};

/** As MELD's repository has it. */
const HEADER = "Utterance,Speaker,Emotion,Scene_ID,Utterance_ID,Season,Episode,Start_Time,End_Time\n";
const TIMES = "00:00:03.795,00:00:05.004\n";
const WITH_CSV = {
  "emorynlp_train_final.csv": HEADER +
    `"Yeah, right!.......Y'serious?",['Joey Tribbiani'],Neutral,1,2,1,2,${TIMES}` +
    `"Oh, yeah!","['Phoebe Buffay', 'Ross Geller']",Joyful,1,3,1,2,${TIMES}` +
    `Aah,['Steve (drug addict)'],Mad,12,14,1,2,${TIMES}`,
  "emorynlp_dev_final.csv": HEADER + `Coffee.,['Rachel Green'],Peaceful,1,1,1,15,${TIMES}`,
  "emorynlp_test_final.csv": HEADER + `So?,"[""O'Brien""]",Powerful,1,1,1,1,${TIMES}`,
};

const CLIPS = [
  "emorynlp_train_splits/sea1_ep2_sc1_utt2.mp4",
  "emorynlp_train_splits/sea1_ep2_sc1_utt3.mp4",
  "emorynlp_train_splits/sea1_ep2_sc12_utt14.mp4",
  "emorynlp_dev_splits/sea1_ep15_sc1_utt1.mp4",
  "emorynlp_test_splits/sea1_ep1_sc1_utt1.mp4",
];

const ROWS = [
  [
    "s01_e02_c01_u002",
    "train",
    "Yeah, right!.......Y'serious?",
    "neutral",
    "Joey Tribbiani",
    "s01_e02_c01",
    2,
  ],
  ["s01_e02_c01_u003", "train", "Oh, yeah!", "joyful", "Phoebe Buffay, Ross Geller", "s01_e02_c01", 3],
  ["s01_e02_c12_u014", "train", "Aah", "mad", "Steve (drug addict)", "s01_e02_c12", 14],
  ["s01_e15_c01_u001", "dev", "Coffee.", "peaceful", "Rachel Green", "s01_e15_c01", 1],
  ["s01_e01_c01_u001", "test", "So?", "powerful", "O'Brien", "s01_e01_c01", 1],
].map(([id, split, text, label, speaker, dialogue, turn]) => ({
  id,
  split,
  text,
  label,
  speaker,
  dialogue,
  turn,
  session: String(dialogue).slice(0, 7),
}));

Deno.test("EmoryNLP's JSON and MELD's CSV of it give the same rows, with clips if any", async () => {
  for (const files of [WITH_JSON, WITH_CSV]) {
    const { name, labels, rows, rejected } = await loadDataset(await miniature(files));
    deepEqual([name, labels], ["EmoryNLP", [
      "sad",
      "mad",
      "scared",
      "powerful",
      "peaceful",
      "joyful",
      "neutral",
    ]]);
    deepEqual([rows, rejected], [ROWS, []]);
    const heard = await loadDataset(await miniature({ ...files, ...clips(...CLIPS) }));
    deepEqual(heard.rows.map(({ audio }) => audio), CLIPS);
  }
});

Deno.test("EmoryNLP one folder higher, and one file alone", async () => {
  const path = await miniature(below("data/emorynlp", { ...WITH_CSV, ...clips(...CLIPS) }));
  const { candidates } = await candidatesOf(path);
  deepEqual(candidates.map(({ audio }) => audio), CLIPS.map((clip) => `data/emorynlp/${clip}`));
  const dev = await candidatesOf(`${path}/data/emorynlp/emorynlp_dev_final.csv`);
  deepEqual(dev.candidates.map(({ id, split, audio }) => [id, split, audio]), [[
    "s01_e15_c01_u001",
    "dev",
    CLIPS[3],
  ]]);
  const test = await candidatesOf(`${await miniature(WITH_JSON)}/json/emotion-detection-tst.json`);
  deepEqual(test.candidates.map(({ id, split }) => [id, split]), [["s01_e01_c01_u001", "test"]]);
});

Deno.test("EmoryNLP with faults: doubled or wordless rows, unknown labels, a lost split", async () => {
  const path = await miniature({
    ...WITH_JSON,
    "emorynlp_train_final.csv": WITH_CSV["emorynlp_train_final.csv"] + `Again,['X'],Sad,12,14,1,2,${TIMES}` +
      `,[],Sad,12,15,1,2,${TIMES}Hm,[],Gleeful,12,16,1,2,${TIMES}` +
      `Hm,[],Sad,x,16,1,2,${TIMES}Hm,[],Scared,12,17,1,2,${TIMES}`,
    "emorynlp_dev_final.csv": WITH_CSV["emorynlp_dev_final.csv"],
  });
  const at = (line: number) => `${path}/emorynlp_train_final.csv, line ${line}`;
  const { rows, rejected, notes } = await loadDataset(path);
  deepEqual(rows.map(({ id }) => id), [
    ...ROWS.slice(0, 3).map(({ id }) => id),
    "s01_e02_c12_u017",
    ROWS[3].id,
  ]);
  equal(rows[3].speaker, undefined);
  deepEqual(rejected.map(({ id, at, reason }) => [id, at, reason]), [
    ["line 8", at(8), "no whole number: 'x' for 'Scene_ID'"],
    ["s01_e02_c12_u014", at(5), "duplicate id: s01_e02_c12_u014"],
    ["s01_e02_c12_u015", at(6), "neither text nor audio"],
    ["s01_e02_c12_u016", at(7), "unknown label: 'gleeful'"],
  ]);
  deepEqual(notes.slice(0, 2), [
    `Not read: ${["dev", "trn", "tst"].map((name) => `json/emotion-detection-${name}.json`).join(", ")}. ` +
    "Name such a file to read it alone.",
    `${path} has no files of EmoryNLP for test.`,
  ]);
});

Deno.test("a damaged JSON of EmoryNLP and another folder are refused", async () => {
  const files = { "emotion-detection-trn.json": '{"seasons": []}' };
  await rejects(candidatesOf(await miniature(files)), /Expected a list 'episodes' but found none at/);
  const odd = { "emotion-detection-trn.json": season(utterance("u1", [], "Hi", "Sad")) };
  await rejects(candidatesOf(await miniature(odd)), /ids like s01_e02_c01_u003 but found 'u1'/);
  await rejects(
    candidatesOf(`emorynlp:${await miniature({ "a.csv": "" })}`),
    /files of EmoryNLP .* found none among 1/,
  );
});
