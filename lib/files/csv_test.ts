import { equal } from "../testing/assert.ts";
import { csvText, escapeFormula, unescapeFormula } from "./csv.ts";

Deno.test("text that looks like a formula gets an apostrophe; numbers and other text stay", () => {
  const cells = [
    "=1+1",
    "+1",
    "-2",
    "-1.5e-7",
    "-1+2",
    "-.5",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "a=b",
    "",
    "'tis",
    "'=1",
    -2,
    1.5,
    undefined,
  ];
  const escaped = [
    "'=1+1",
    "'+1",
    "-2",
    "-1.5e-7",
    "'-1+2",
    "'-.5",
    "'@SUM(A1)",
    "'\tx",
    '"\'\rx"',
    "a=b",
    "",
    "'tis",
    "''=1",
    "-2",
    "1.5",
    "",
  ];
  equal(csvText([cells]), escaped.join(",") + "\n");
  equal(csvText([["=1"]], { formulas: true }), "=1\n");
});

Deno.test("escaped text reads back, for every short text of these characters", () => {
  const characters = ["=", "+", "-", "@", "\t", "\r", "'", "a", " ", "1", ".", "e"];
  let texts = [""];
  for (let length = 0; length < 4; length++) {
    texts = texts.flatMap((text) => characters.map((character) => text + character));
    for (const text of texts) equal(unescapeFormula(escapeFormula(text)), text);
  }
});
