import { deepEqual, ok } from "../testing/assert.ts";
import { auditDataset, auditLines } from "./audit.ts";
import { loadDataset } from "./load.ts";
import type { Dataset, Utterance } from "./utterance.ts";
import { shared } from "../testing/shared.ts";
import { testWith } from "../testing/needs.ts";

const rows: Utterance[] = [
  {
    id: "1",
    split: "train",
    text: "Hey!",
    label: "joy",
    speaker: "a",
    audio: "1.wav",
    dialogue: "0",
    turn: 0,
  },
  {
    id: "2",
    split: "train",
    text: "hey",
    label: "fear",
    speaker: "b",
    audio: "2.wav",
    dialogue: "0",
    turn: 3,
  },
  { id: "3", split: "dev", text: "Hey", label: "joy", speaker: "c", audio: "2.wav", dialogue: "0", turn: 1 },
  { id: "4", split: "dev", text: "No.", label: "joy", speaker: "c", audio: "3.wav" },
  { id: "5", split: "test", text: "Hey…", label: "fear", speaker: "a", audio: "4.wav" },
  { id: "6", split: "test", label: "fear", speaker: "a", audio: "4.wav" },
];
const dataset: Dataset = {
  target: "class",
  name: "x",
  labels: ["joy", "fear"],
  rows,
  source: "x.csv",
  root: ".",
  rejected: [{ id: "7", at: "x.csv, line 8", reason: "clip missing: 7.wav" }],
  notes: ["Something was repaired."],
};

Deno.test("counts, overlaps, ambiguous texts, shared clips and gaps", () => {
  const audit = auditDataset(dataset);
  deepEqual(audit, {
    name: "x",
    rows: { train: 2, dev: 2, test: 2 },
    labels: { joy: { train: 1, dev: 2, test: 0 }, fear: { train: 1, dev: 0, test: 2 } },
    emptyText: { train: 0, dev: 0, test: 1 },
    clips: {
      train: { rows: 2, distinct: 2, most: 1 },
      dev: { rows: 2, distinct: 2, most: 1 },
      test: { rows: 2, distinct: 1, most: 2 },
    },
    overlaps: {
      text: [
        { splits: ["train", "dev"], values: 1, rows: 1 },
        { splits: ["train", "test"], values: 1, rows: 1 },
        { splits: ["dev", "test"], values: 1, rows: 1 },
      ],
      speaker: [{ splits: ["train", "test"], values: 1, rows: 2 }],
      audio: [{ splits: ["train", "dev"], values: 1, rows: 1 }],
    },
    ambiguous: { texts: 1, rows: 4 },
    gaps: { dialogues: 2, turns: 3 },
    rejected: ["1 × clip missing"],
    notes: ["Something was repaired."],
  });
  const lines = auditLines(audit);
  deepEqual(lines.slice(0, 3), [
    "label   train     dev    test",
    "joy         1       2       0",
    "fear        1       0       2",
  ]);
  for (
    const line of [
      "train and test share 1 texts: 1 rows of test (50.0 %).",
      "test: 2 rows share 1 distinct clips, up to 2 rows a clip: resample by clip.",
      "3 turns are missing within 2 dialogues.",
      "Left out: 1 × clip missing.",
      "Something was repaired.",
    ]
  ) ok(lines.includes(line), line);
});

testWith("shared/data/meld_x_ravdess.csv", {
  name: "the surrogate's oddities, as counted in Python",
  fn: async () => {
    const { overlaps, ambiguous, gaps, clips } = auditDataset(
      await loadDataset(shared("data/meld_x_ravdess.csv")!),
    );
    deepEqual(overlaps.text.map(({ values, rows }) => [values, rows]), [[84, 170], [154, 404], [45, 262]]);
    deepEqual(overlaps.speaker.map(({ values }) => values), [33, 69, 22]);
    deepEqual(overlaps.audio, []);
    deepEqual(ambiguous, { texts: 207, rows: 1864 });
    deepEqual(gaps, { dialogues: 76, turns: 109 });
    deepEqual([clips.train.distinct, clips.dev.distinct, clips.test.distinct, clips.test.most], [
      597,
      168,
      177,
      46,
    ]);
  },
});
