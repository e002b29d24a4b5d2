import { deepEqual, equal, ok } from "../testing/assert.ts";
import { metricsOfOutcomes, vectorOutcomes } from "../eval/mod.ts";
import type { VectorKind } from "../target.ts";
import { answersFigures } from "./answers.ts";

const figures = (kind: VectorKind, truth: number[][], predicted: number[][]) =>
  answersFigures(
    metricsOfOutcomes(vectorOutcomes(kind, truth, predicted, ["joy", "anger"])),
    truth.map((value, i) => ({ target: { kind, value }, answer: predicted[i] })),
    "dev",
  );

Deno.test("each kind of target has its figures", () => {
  const rows = [[1, 0], [0, 1]],
    named = (kind: VectorKind) => figures(kind, rows, rows).map(({ name }) => name);
  deepEqual(named("distribution"), ["confusion", "shares"]);
  deepEqual(named("labels"), ["labels"]);
  deepEqual(named("values"), ["scatter"]);
});

Deno.test("several labels: the share of the rows with a label for which each one is predicted", () => {
  const [{ plotly, svg }] = figures(
    "labels",
    [[1, 0], [1, 1], [1, 0], [1, 1], [0, 0]],
    [[0.9, 0.2], [0.6, 0.7], [0.4, 0.9], [0.9, 0.1], [0.2, 0.6]],
  );
  deepEqual(plotly.data[0].z, [[3 / 4, 2 / 4], [1, 1 / 2], [0, 1]]);
  for (const part of ["joy (4)", "anger (2)", "no label (1)", "5 rows"]) ok(svg.includes(part), part);
  const [whole] = figures("labels", [[1, 0], [1, 0]], [[0.9, 0.2], [0.1, 0.1]]);
  deepEqual(whole.plotly.data[0].z, [[1 / 2, 0], [null, null]], "a label without rows has no share");
  ok(!whole.svg.includes("no label"));
});

Deno.test("distributions: the mean predicted share for the votes of each class", () => {
  const [, { plotly }] = figures("distribution", [[1, 0], [0.5, 0.5]], [[0.8, 0.2], [0.4, 0.6]]);
  // joy: (1 * 0.8 + 0.5 * 0.4) / 1.5; anger: 0.4 and 0.6.
  const [[a, b], second] = plotly.data[0].z as number[][];
  ok(Math.abs(a - 1 / 1.5) < 1e-12 && Math.abs(a + b - 1) < 1e-12);
  deepEqual(second, [0.4, 0.6]);
  equal(plotly.data.length, 1);
});
