import { deepEqual, ok } from "../testing/assert.ts";
import { coverageNotes } from "./coverage.ts";
import type { Split, Utterance } from "./utterance.ts";

const rowsOf = (labels: Partial<Record<Split, string[]>>) =>
  Object.entries(labels).flatMap(([split, names]) =>
    names.map((label, i): Utterance => ({ id: `${split}${i}`, split: split as Split, text: "x", label }))
  );
const CLASSES = ["joy", "anger", "fear"];

Deno.test("a label without a row in train gets a note with the bound on macro F1", () => {
  const rows = rowsOf({ train: ["joy", "anger"], dev: ["joy", "anger"], test: ["joy", "anger", "fear"] });
  deepEqual(coverageNotes(rows, CLASSES), [
    "The label 'fear' (0 in dev, 1 in test) has no row in train.",
    "Macro F1 averages over all classes. The F1 of a class that a split lacks is 0 there, and of one that " +
    "train lacks unless it is predicted by luck: macro F1 is at most 66.7 % on dev and 66.7 % on test.",
  ]);
});

Deno.test("a split that lacks a label of train, or of a model, gets a note", () => {
  const absent = rowsOf({ train: CLASSES, dev: ["joy", "anger"], test: CLASSES });
  deepEqual(coverageNotes(absent, CLASSES)[0], "The split 'dev' has no row of 'fear'.");
  deepEqual(coverageNotes(absent, CLASSES)[1].split("at most ")[1], "66.7 % on dev.");
  const many = Array.from({ length: 40 }, (_, i) => `l${i}`);
  ok(coverageNotes(rowsOf({ train: many, dev: ["l0"] }), many)[0].endsWith("'l29', 'l30' and 9 more."));
  const lone = coverageNotes(rowsOf({ test: ["joy"] }), CLASSES);
  deepEqual(lone[0], "The split 'test' has no row of 'anger', 'fear'.");
  deepEqual(lone[1].split("at most ")[1], "33.3 % on test.");
});

Deno.test("complete splits, unlabelled splits and train alone get no bound", () => {
  deepEqual(coverageNotes(rowsOf({ train: CLASSES, dev: CLASSES, test: CLASSES }), CLASSES), []);
  const unlabelled: Utterance = { id: "u", split: "test", text: "x" };
  deepEqual(coverageNotes([...rowsOf({ train: CLASSES, dev: CLASSES }), unlabelled], CLASSES), []);
  deepEqual(coverageNotes(rowsOf({ train: ["joy", "anger"] }), CLASSES), [
    "The label 'fear' has no row in train.",
  ]);
});
