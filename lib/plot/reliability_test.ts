import { Resvg } from "@resvg/resvg-js";
import { reliability } from "../eval/mod.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { reliabilityFigure } from "./reliability.ts";

/** Four rows: 0.95 right, 0.85 right, 0.55 wrong, 0.55 right. */
const truth = [0, 0, 1, 0];
const probabilities = [[0.95, 0.05], [0.85, 0.15], [0.55, 0.45], [0.55, 0.45]];
const bins = reliability(truth, probabilities, 10);

Deno.test("a dot per bin that has rows, at its confidence and accuracy, and the ECE of the bins", () => {
  const { svg, title } = reliabilityFigure({ "before <scaling>": bins }, "dev");
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [+x, +y]);
  equal(dots.length, 3);
  const [[x0, y0], [x1, y1], [x2, y2]] = dots; // 0.55 at 0.5, 0.85 at 1, 0.95 at 1
  ok(Math.abs((x1 - x0) / 0.3 - (x2 - x1) / 0.1) < 0.1, "a linear axis");
  equal(y1, y2);
  ok(Math.abs((y0 - y1) / 0.5 - (x1 - x0) / 0.3) < 0.1, "both axes have one scale");
  // By hand: (0.05 + 0.15 + 2 * 0.05) / 4.
  ok(svg.includes("before &lt;scaling&gt;: ECE 7.5 %"));
  ok(title.startsWith("dev: 4 rows"));
  new Resvg(svg);
});

Deno.test("plotly has the same dots, their intervals, and the number of rows of each bin", () => {
  const { data, layout } = reliabilityFigure({ before: bins, after: bins }).plotly;
  deepEqual(data.map(({ type, xaxis, yaxis }) => [type, xaxis, yaxis]), [
    ["scatter", "x", "y"],
    ["bar", "x", "y2"],
    ["scatter", "x2", "y3"],
    ["bar", "x2", "y4"],
  ]);
  ok("xaxis2" in layout && "yaxis4" in layout);
  deepEqual(data[0].y, [0.5, 1, 1]);
  deepEqual(data[1].y, [2, 1, 1]);
});

Deno.test("a panel without rows is drawn, too", () => {
  const { svg } = reliabilityFigure({ dev: [] });
  ok(!/NaN|Infinity|undefined/.test(svg));
});
