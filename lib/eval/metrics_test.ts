import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { metrics } from "./metrics.ts";

interface Case {
  name: string;
  n_classes: number;
  y_true: number[];
  y_pred: number[];
  expected: Record<string, number | null | number[] | number[][]>;
}
const { classification, tolerance } = jsonFixture("metrics.json") as {
  classification: Case[];
  tolerance: number;
};

const close = (found: number | null, expected: number | null, what: string) =>
  found === null || expected === null
    ? equal(found, expected, what)
    : ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected}`);

for (const { name, n_classes, y_true, y_pred, expected } of classification) {
  Deno.test(`equals scikit-learn: ${name}`, () => {
    const found = metrics(y_true, y_pred, Array.from({ length: n_classes }, (_, c) => `class ${c}`));
    for (
      const key of [
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "micro_f1",
        "weighted_f1",
        "cohen_kappa",
        "mcc",
      ] as const
    ) {
      close(found[key], expected[key] as number | null, key);
    }
    for (const key of ["precision", "recall", "f1", "support"] as const) {
      (expected[key] as number[]).forEach((value, c) => close(found.per_class[c][key], value, `${key} ${c}`));
    }
    deepEqual(found.confusion, expected.confusion_matrix);
    equal(found.n, y_true.length);
    deepEqual(JSON.parse(JSON.stringify(found)), found, "JSON keeps every value");
  });
}

Deno.test("the order of rows does not matter", () => {
  const { y_true, y_pred } = classification[5];
  const labels = ["a", "b", "c", "d", "e", "f", "g"];
  deepEqual(metrics(y_true.toReversed(), y_pred.toReversed(), labels), metrics(y_true, y_pred, labels));
});

Deno.test("typed arrays count like plain ones", () => {
  const labels = ["joy", "anger"];
  deepEqual(
    metrics(Int32Array.of(0, 1, 1), Int32Array.of(0, 1, 0), labels),
    metrics([0, 1, 1], [0, 1, 0], labels),
  );
});

Deno.test("invalid input is named", () => {
  throws(() => metrics([], [], ["a"]), /Expected at least one row but found none/);
  throws(() => metrics([0, 1], [0], ["a", "b"]), /Expected 2 predictions but found 1/);
  throws(() => metrics([0, 2], [0, 1], ["a", "b"]), /Expected classes 0 to 1 but found 2 in row 1/);
  throws(() => metrics([0, 1], [0, -1], ["a", "b"]), /found -1 in row 1/);
});
