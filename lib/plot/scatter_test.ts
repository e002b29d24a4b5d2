import { equal, ok } from "../testing/assert.ts";
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

Deno.test("many rows are squares by their number, and no row is lost", () => {
  const truth = Array.from({ length: 1500 }, (_, i) => i < 1400 ? 1 : (i % 50) / 25);
  const { svg, plotly, title } = scatterFigure([{ label: "sentiment", truth, predicted: truth }]);
  ok(title.includes("1,500 rows, a darker square holds more"));
  equal(svg.match(/<circle/g), null);
  const [{ z, customdata }] = plotly.data as { z: (number | null)[][]; customdata: number[][] }[];
  equal(customdata.flat().reduce((a, b) => a + b), 1500);
  equal(
    customdata.flat().filter((rows) => rows > 0).length,
    z.flat().filter((depth) => depth !== null).length,
  );
  equal(Math.max(...z.flat().map(Number)), 1, "the fullest square is the darkest");
  ok(
    z.every((row, i) => row.every((depth, j) => i === j || depth === null)),
    "equal values are on the diagonal",
  );
});

Deno.test("four dimensions take two rows of panels", () => {
  const panel = { label: "a", truth: [0, 1], predicted: [1, 0] };
  const { svg, plotly } = scatterFigure([panel, panel, panel, panel]);
  equal(new Set([...svg.matchAll(/ y="([\d.]+)"[^>]*>true</g)].map(([, y]) => y)).size, 2);
  ok("yaxis4" in plotly.layout);
});
