import { deepEqual, ok } from "../../testing/assert.ts";
import type { Dataset, Utterance } from "../utterance.ts";
import { auditFolds, foldsAuditLines } from "./audit.ts";
import { foldsOf } from "./folds.ts";

/** Six speakers of four rows; only the first two are ever afraid, and all say the first text. */
const rows: Utterance[] = Array.from({ length: 24 }, (_, i) => {
  const speaker = Math.floor(i / 4), turn = i % 4;
  return {
    id: `u${i}`,
    split: "train",
    text: turn === 0 ? "Hello!" : `text ${i}`,
    audio: `${i}.wav`,
    label: turn < 2 ? "joy" : speaker < 2 && turn === 3 ? "fear" : "anger",
    speaker: `s${speaker}`,
    dialogue: `d${speaker}`,
    turn,
  };
});
const dataset: Dataset = {
  name: "x",
  target: "class",
  labels: ["anger", "joy", "fear"],
  rows,
  source: "x.csv",
  root: ".",
  rejected: [{ id: "lost", at: "x.csv, line 9", reason: "clip missing: 9.wav" }],
  notes: [],
};
const audit = auditFolds(foldsOf(dataset, "loso"), { past: 2, future: 0, speakers: false, states: 0 });

Deno.test("the audit of folds counts rows, speakers and labels of each fold", () => {
  deepEqual([audit.name, audit.rows, audit.folds.length], ["x", 24, 6]);
  deepEqual(audit.folds.map(({ name }) => name), ["s0", "s1", "s2", "s3", "s4", "s5"]);
  for (const { rows, speakers, labels } of audit.folds) {
    deepEqual([rows.test, speakers.test, speakers.dev, speakers.train], [4, 1, 1, 4]);
    for (const split of ["train", "dev", "test"] as const) {
      deepEqual(Object.values(labels).reduce((sum, by) => sum + by[split], 0), rows[split]);
    }
  }
  deepEqual(audit.folds.map(({ labels }) => labels.fear.test), [1, 1, 0, 0, 0, 0]);
  deepEqual(audit.disjoint, ["speakers", "dialogues", "clips"]);
});

Deno.test("it names what a fold lacks, what its splits share, and how much context its rows have", () => {
  const lines = foldsAuditLines(audit);
  deepEqual(lines.slice(0, 2).map((line) => line.split(/\s{2,}/).slice(0, 5)), [
    ["fold", "tests", "train", "dev", "test"],
    ["1", "s0", "16", "4", "4"],
  ]);
  for (
    const line of [
      "In each fold, train, dev and test share none of their speakers, dialogues and clips.",
      "'fear' has no row in the test split of folds 3, 4, 5 and 6.",
      "train and test share texts in 6 of 6 folds: 1 rows of test.",
      "Left out: 1 × clip missing.",
      "Texts of earlier turns: 6 utterances read 0, 6 read 1, 12 read 2.",
    ]
  ) ok(lines.includes(line), `${line}\n\n${lines.join("\n")}`);
  ok(
    lines.some((line) =>
      line.startsWith("The macro F1 of such a fold counts as 0 a class that the split lacks")
    ),
  );
  ok(!lines.some((line) => /^Protocol|at most/.test(line)), "the tables say it");
});

Deno.test("a note of some folds alone stands with their numbers", () => {
  const folds = foldsOf(dataset, "loso").map((fold) => ({
    ...fold,
    dataset: { ...fold.dataset, notes: fold.number > 4 ? ["Odd."] : [] },
  }));
  ok(auditFolds(folds).findings.includes("Folds 5 and 6: Odd."));
});
