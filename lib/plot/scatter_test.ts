import { equal, ok } from "../testing/assert.ts";
import { answersFigure } from "./answers.ts";
import { metricsOfOutcomes, vectorOutcomes } from "../eval/mod.ts";
import { scatterFigure } from "./scatter.ts";

Deno.test("a panel has a dot per row, and equal values lie on the dashed line", () => {
  const { svg, plotly, title } = scatterFigure([
    { label: "valence", truth: [0, 1, 2], predicted: [0, 1, 2], note: "CCC 1.000" },
    { label: "a <dimension>", truth: [-1, 5, 3], predicted: [0, 0, 0] },
  ], "dev");
  equal(svg.match(/<circle/g)!.length, 6);
  ok(svg.includes("valence, CCC 1.000") && svg.includes("a &lt;dimension&gt;") && !svg.includes("NaN"));
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].slice(0, 3);
  const sums = dots.map(([, x, y]) => Math.round(Number(x) + Number(y)));
  equal(new Set(sums).size, 1, "x + y is constant on the diagonal");
  equal(plotly.data.length, 2);
  ok("xaxis" in plotly.layout && "yaxis2" in plotly.layout);
  ok(title.includes("3 rows"));
});

Deno.test("constant values and no values are drawn, too", () => {
  for (const values of [[1, 1], []]) {
    const { svg } = scatterFigure([{ label: "arousal", truth: values, predicted: values }]);
    ok(!/NaN|Infinity/.test(svg));
  }
});

Deno.test("each kind of target has its figure or none", () => {
  const rows = [[1, 0], [0, 1]], labels = ["a", "b"];
  const figure = (kind: "distribution" | "labels" | "values") =>
    answersFigure(
      metricsOfOutcomes(vectorOutcomes(kind, rows, rows, labels)),
      rows.map((value) => ({ target: { kind, value }, answer: value })),
      "dev",
    )?.name;
  equal(
    ["distribution", "labels", "values"].map((kind) => figure(kind as "labels")).join(),
    "confusion,,scatter",
  );
});
