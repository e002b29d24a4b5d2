import { deepEqual, equal, throws } from "../testing/assert.ts";
import { parse } from "csv-parse/sync";
import type { Dataset, Utterance } from "../data/mod.ts";
import { gapTexts, groupsTable } from "../plot/mod.ts";
import { groupScores, groupsCsv } from "./groups.ts";
import { unitsOf } from "./units.ts";

const rows = Array.from({ length: 48 }, (_, i): Utterance => ({
  id: `u${i}`,
  split: "test",
  text: new Array(i % 24).fill("so").join(" "),
  label: i % 2 ? "joy" : "anger",
  speaker: `s${i % 12}`,
  gender: i < 24 ? "female" : "male",
  age: i % 3 ? `${20 + i % 20}` : "old",
  turn: i % 12,
}));
const dataset: Dataset = {
  name: "x",
  target: "class",
  labels: ["anger", "joy"],
  rows,
  source: "x.csv",
  root: ".",
  rejected: [],
  notes: [],
};
/** Right for women, always anger for men. */
const answers = rows.map(({ id, label, gender }) => {
  const value = label === "joy" ? 1 : 0, right = gender === "female" ? value : 0;
  return { id, target: { kind: "class" as const, value }, answer: [1 - right, right] };
});
const named = (key: string, seconds?: Map<string, number>) =>
  groupScores([key], answers, dataset, seconds)[0].groups.map(({ group, n }) => `${group}: ${n}`);

Deno.test("rows are grouped by columns and by ranges", () => {
  deepEqual(named("gender"), ["female: 24", "male: 24"]);
  deepEqual(named("words"), ["0 to 3: 8", "4 to 7: 8", "8 to 12: 10", "13 to 20: 16", "21 or more: 6"]);
  deepEqual(named("turn"), ["0: 4", "1 to 2: 8", "3 to 5: 12", "6 to 10: 20", "11 or more: 4"]);
  deepEqual(named("age"), ["20 to 29: 19", "30 to 39: 13", "old: 16"]);
  const seconds = new Map(
    rows.map(({ id }, i) => [id, i < 40 ? i / 4 : NaN]).slice(0, 40) as [string, number][],
  );
  deepEqual(
    named("seconds", seconds),
    ["0 to 1: 4", "1 to 2: 4", "2 to 4: 8", "4 to 8: 16", "8 or more: 8", "(none): 8"].toSorted(
      new Intl.Collator("en", { numeric: true }).compare,
    ),
  );
  deepEqual(groupScores(["all"], answers, dataset).map(({ key }) => key), [
    "speaker",
    "gender",
    "age",
    "words",
    "turn",
  ]);
});

Deno.test("the table, the sentence and the CSV tell the gap", () => {
  const [scores] = groupScores(["gender"], answers, dataset);
  deepEqual(scores.gaps[0], { metric: "balanced_accuracy", best: "female", worst: "male", gap: 0.5 });
  equal(
    gapTexts(scores)[0],
    "By gender, balanced acc.: largest gap 50.0 points, female over male (groups of at least 20 rows).",
  );
  const { columns, rows: lines } = groupsTable(scores, "test");
  equal(columns.length, lines[0].length);
  deepEqual(lines.map(([group, n, speakers]) => [group, n, speakers]), [["female", 24, 12], [
    "male",
    24,
    12,
  ]]);
  const csv = parse(groupsCsv([scores]), { columns: true }) as Record<string, string>[];
  deepEqual(csv.map(({ group, metric, unit, units }) => [group, metric, unit, units]), [
    ["female", "balanced_accuracy", "speaker", "12"],
    ["female", "weighted_f1", "speaker", "12"],
    ["male", "balanced_accuracy", "speaker", "12"],
    ["male", "weighted_f1", "speaker", "12"],
  ]);
});

Deno.test("units are speakers, else dialogues, else clips, else rows", () => {
  const row = (id: string, more: Partial<Utterance>): Utterance => ({ id, split: "test", ...more });
  const by = (...all: Partial<Utterance>[]) => unitsOf(all.map((more, i) => row(`${i}`, more))).by;
  equal(by({ speaker: "a" }, { speaker: "a" }, { speaker: "b" }), "speaker");
  equal(by({ speaker: "a", dialogue: "1" }, { dialogue: "1" }, { dialogue: "2" }), "dialogue");
  equal(by({ speaker: "a", audio: "1" }, { speaker: "a", audio: "1" }, { speaker: "a", audio: "2" }), "clip");
  equal(by({ audio: "1" }, { audio: "2" }), "row");
  equal(groupScores(["speaker"], answers, dataset)[0].by, "row");
});

Deno.test("an unknown key, and one that no row has, are refused", () => {
  throws(() => groupScores(["gendre"], answers, dataset), /Did you mean gender\?/);
  throws(() => groupScores(["corpus"], answers, dataset), /rows with 'corpus'.*--columns\.corpus=<name>/);
});
