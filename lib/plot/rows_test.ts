import { deepEqual, equal } from "../testing/assert.ts";
import { predictionsTable, rowsTable } from "./rows.ts";
import { tableText } from "./table.ts";

const probabilities = { joy: 0.75, anger: 0.25 };

Deno.test("predictions name the label and give percents; the true label, if known", () => {
  const own = { text: "Well done!", predicted: "joy", probabilities };
  deepEqual(tableText(predictionsTable([own]), false).split("\n"), [
    "utterance   predicted  joy  anger",
    "─────────────────────────────────",
    "Well done!  joy         75     25",
    "",
  ]);
  deepEqual(predictionsTable([{ ...own, label: "anger" }, own]).rows, [
    ["Well done!", "joy", "anger", 0.75, 0.25],
    ["Well done!", "joy", null, 0.75, 0.25],
  ]);
  equal(predictionsTable([{ ...own, text: undefined, audio: "me.wav" }]).rows[0][0], "me.wav");
});

Deno.test("missing fields of an utterance are empty cells", () => {
  deepEqual(rowsTable([{ id: "a", split: "dev", audio: "a.wav" }]).rows, [["a", "dev", null, null, null]]);
});
