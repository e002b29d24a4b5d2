import { deepEqual, equal } from "../testing/assert.ts";
import { dialogueTable, predictionsTable, rowsTable } from "./rows.ts";
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

Deno.test("a dialogue stands in the order of its turns, with the answers beside its lines", () => {
  const turns = [
    { id: "c", turn: 10, speaker: "Ada", text: "Get out!", label: "anger" },
    { id: "b", turn: 9, audio: "b.wav" },
  ];
  const answer = { id: "c", predicted: "anger", probabilities };
  deepEqual(dialogueTable(turns, [answer]).rows, [
    [9, null, "b.wav", null, null, null],
    [10, "Ada", "Get out!", "anger", 0.25, "anger"],
  ]);
  deepEqual(dialogueTable([{ id: "x", text: "Hm." }], []).rows, [[null, null, "Hm.", null, null]]);
});
