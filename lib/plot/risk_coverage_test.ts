import { Resvg } from "@resvg/resvg-js";
import { riskCoverage } from "../eval/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { riskCoverageFigure } from "./risk_coverage.ts";

const wrong = [0, 0, 1, 0];
const curve = riskCoverage(wrong, [0.9, 0.8, 0.7, 0.6].map((p) => [p, 1 - p]));
const lines = (figure: ReturnType<typeof riskCoverageFigure>) =>
  figure.plotly.data.map(({ name, x, y }) => ({ name, x: x as number[], y: y as number[] }));

Deno.test("a curve has its risks, and beside it the best possible order", () => {
  const figure = riskCoverageFigure({ dev: curve }), [own, best] = lines(figure);
  deepEqual([own.x, own.y], [[0.25, 0.5, 0.75, 1], [0, 0, 1 / 3, 1 / 4]]);
  deepEqual([best.x, best.y], [[0.25, 0.75, 1], [0, 0, 1 / 4]]);
  // By hand: (0 + 0 + 1/3 + 1/4) / 4 and (1/4) / 4.
  ok(figure.svg.includes("AURC 14.6 %") && figure.svg.includes("AURC 6.3 %"));
  new Resvg(figure.svg);
});

Deno.test("several curves are told apart by name, without a best one", () => {
  const figure = riskCoverageFigure({ "a <b>": curve, c: curve });
  deepEqual(lines(figure).map(({ name }) => name), ["a &lt;b>, AURC 14.6 %", "c, AURC 14.6 %"]);
  ok(figure.svg.includes("a &lt;b&gt;") && !figure.svg.includes("best possible"));
});

Deno.test("many rows become few points, with the first and the last; no error and only errors are drawn", () => {
  const { uniform } = random(1);
  const rows = Array.from({ length: 5000 }, () => 0.5 + uniform() / 2);
  const many = riskCoverage(rows.map((p) => Number(p < 0.6)), rows.map((p) => [p, 1 - p]));
  const [{ x }] = lines(riskCoverageFigure({ dev: many }));
  ok(x.length <= 302 && x[0] === 1 / 5000 && x.at(-1) === 1);
  for (const truth of [[0, 0], [1, 1]]) {
    const { svg } = riskCoverageFigure({ dev: riskCoverage(truth, [[0.9, 0.1], [0.8, 0.2]]) });
    equal(/NaN|Infinity|undefined/.test(svg), false);
  }
});
