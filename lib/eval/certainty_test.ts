import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { random } from "../random.ts";
import { jsonFixture } from "../testing/shared.ts";
import { calibration, nllOfLogits, softmax, temperature } from "./calibration.ts";
import { certaintyOf, fitCalibrator, type JudgedRows, scaled } from "./certainty.ts";

const labels = ["joy", "anger", "fear"];

function draws(count: number, seed: number): JudgedRows & { logits: number[][] } {
  const { normal, integer } = random(seed), truth = Array.from({ length: count }, () => integer(3));
  const logits = truth.map((right) => [0, 1, 2].map((c) => 4 * normal() + (c === right ? 3 : 0)));
  return { truth, logits, probabilities: softmax(logits) };
}

Deno.test("the temperature of probabilities is that of their logits", () => {
  for (const { y_true, logits, temperature: expected } of jsonFixture("metrics.json").probability) {
    if (!logits || Math.max(...logits.flat()) > 50) continue; // beyond, probabilities underflow
    const fitted = fitCalibrator({ truth: y_true, probabilities: softmax(logits) }).temperature;
    ok(Math.abs(fitted / expected - 1) < 1e-4, `${fitted}, expected ${expected}`);
  }
});

Deno.test("dev fits temperature and sets, and the other rows are scored", () => {
  const dev = draws(200, 1), test = draws(300, 2);
  const { n, calibrator, before, after, sets, selective, notes } = certaintyOf(test, dev, labels);
  const fitted = temperature(dev.truth, dev.logits);
  ok(Math.abs(calibrator.temperature / fitted - 1) < 1e-6);
  deepEqual([n, calibrator.rows, calibrator.rule?.rows, sets?.n, selective.n], [300, 200, 200, 300, 300]);
  deepEqual(calibration(test.truth, test.probabilities), {
    nll: before.nll,
    brier: before.brier,
    ece: before.ece,
  });
  ok(Math.abs(after.nll! - nllOfLogits(test.truth, test.logits, fitted)) < 1e-6);
  ok(after.nll! < before.nll! && after.ece < before.ece, "the model was too sure");
  deepEqual(notes, []);
});

Deno.test("rows that fitted the temperature are told, and so are dev rows too few for sets", () => {
  const dev = draws(8, 3);
  const { sets, notes } = certaintyOf(dev, dev, labels);
  equal(sets, undefined);
  match(notes.join("\n"), /fitted on these very rows.*\nDev has 8 rows\. Sets at 90 % need at least 9\./);
  ok(certaintyOf(dev, dev, labels, { coverage: 0.8 }).sets);
});

Deno.test("probabilities that a file rounded to 0 keep their order, and are told", () => {
  const rows = { truth: [0, 1, 1], probabilities: [[0.999998, 0.000002, 0], [1, 0, 0], [0.3, 0.7, 0]] };
  const { after, notes } = certaintyOf(rows, rows, labels);
  match(notes.join("\n"), /^3 rows have probabilities that were rounded to 0\./m);
  ok(after.nll !== null, "finite after scaling");
  const [[first, second, third]] = scaled([[0.9, 1e-9, 0]], 1);
  ok(first > second && second > third && third > 0);
});

Deno.test("if every dev row is right, a note says that the temperature is a guess", () => {
  const dev = { truth: [0, 1], probabilities: [[0.8, 0.2], [0.4, 0.6]] };
  match(certaintyOf(dev, dev, ["joy", "anger"]).notes.join("\n"), /^Every dev row is right/m);
});
