import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { argmax, brier, calibration, ece, nllOfLogits, softmax, temperature } from "./calibration.ts";

interface Case {
  name: string;
  y_true: number[];
  logits?: number[][];
  probabilities?: number[][];
  nll: number | null;
  brier: number;
  ece: number;
  temperature: number;
  nll_at_temperature: number;
  ece_at_temperature: number;
}
const cases = jsonFixture("metrics.json").probability as Case[];

const close = (found: number, expected: number, tolerance: number, what: string) =>
  ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected}`);

for (const expected of cases) {
  Deno.test(`equals the reference: ${expected.name}`, () => {
    const { y_true: truth, logits } = expected;
    const probabilities = expected.probabilities ?? softmax(logits!);
    const found = calibration(truth, probabilities);
    if (expected.nll === null) equal(found.nll, null, "infinite log loss is null in JSON");
    else close(found.nll!, expected.nll, 1e-9, "nll");
    close(found.brier, expected.brier, 1e-9, "brier");
    close(found.ece, expected.ece, 1e-9, "ece");
    if (!logits) return;
    close(nllOfLogits(truth, logits), expected.nll!, 1e-9, "nll of logits");
    const fitted = temperature(truth, logits);
    close(fitted / expected.temperature, 1, 1e-4, "temperature");
    close(nllOfLogits(truth, logits, fitted), expected.nll_at_temperature, 1e-8, "nll at temperature");
    close(ece(truth, softmax(logits, expected.temperature)), expected.ece_at_temperature, 1e-9, "ece at it");
  });
}

Deno.test("logits too large for exp stay finite", () => {
  deepEqual(softmax([[1000, 0]]), [[1, 0]]);
  equal(nllOfLogits([1], [[1000, 0]]), 1000);
});

Deno.test("if every row is right, the temperature stops at its lower bound", () => {
  close(temperature([0, 1], [[2, 0], [0, 2]]), Math.exp(-5), 1e-9, "temperature");
});

Deno.test("ties go to the first class; a confident correct row has zero loss", () => {
  equal(argmax([0.2, 0.4, 0.4]), 1);
  equal(brier([1], [[0, 1]]), 0);
  equal(ece([1], [[0, 1]]), 0);
});

Deno.test("a value that is not finite and a true class out of range are refused with their row", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const rows = [[0.5, 0.5], [0.1, bad]], refused = /finite values but found \S+ for class 1 at row 1/;
    throws(() => softmax(rows), refused);
    for (const score of [nllOfLogits, brier, ece, temperature, calibration]) {
      throws(() => void score([0, 1], rows), refused);
    }
  }
  throws(() => argmax([0, NaN]), /found NaN for class 1/);
  throws(() => argmax([NaN, 0]), /found NaN for class 0/);
  for (const score of [nllOfLogits, brier, ece, temperature, calibration]) {
    throws(() => void score([0, -1], [[0.5, 0.5], [0.5, 0.5]]), /a class 0 to 1 but found -1 at row 1/);
    throws(() => void score([0], [[0.5, 0.5], [0.5, 0.5]]), /found 1 of 2/);
    throws(() => void score([], []), /found 0 of 0/);
  }
});
