import { deepEqual, throws } from "../testing/assert.ts";
import { random } from "../random.ts";
import { confusionMatrix, perClass, scoresOfRows } from "./confusion.ts";

Deno.test("scores from rows equal those from the matrix to the bit, also of repeated rows", () => {
  const { integer } = random(3);
  for (const classes of [1, 2, 7, 60]) {
    const draw = (count: number, below: number) => Array.from({ length: count }, () => integer(below));
    const truth = draw(40, classes), predicted = draw(40, classes);
    for (const rows of [undefined, draw(40, 40), [0]]) {
      const wanted = perClass(confusionMatrix(truth, predicted, classes, rows));
      deepEqual(scoresOfRows(truth, predicted, classes, rows), wanted);
    }
  }
});

Deno.test("a class out of range is refused alike", () => {
  for (const counted of [confusionMatrix, scoresOfRows]) {
    throws(() => counted([0, 1], [0, 2], 2), /Expected classes 0 to 1 but found 2 for 1 in row 1/);
    throws(() => counted([0, -1], [0, 0], 2), /found 0 for -1 in row 1/);
  }
});
