import { deepEqual, ok, throws } from "../testing/assert.ts";
import { metricsOf } from "../eval/metrics.ts";
import { confusionDifferenceFigure } from "./confusion_difference.ts";

const labels = ["joy", "<anger>"], first = metricsOf([[6, 2], [1, 3]], labels);

Deno.test("a cell is the second share of the true class minus the first, in points", () => {
  const { svg, plotly } = confusionDifferenceFigure(first, metricsOf([[8, 0], [2, 2]], labels), "b minus a");
  // joy: 8/8 - 6/8 and 0/8 - 2/8; anger: 2/4 - 1/4 and 2/4 - 3/4.
  deepEqual(plotly.data[0].z, [[25, -25], [25, -25]]);
  ok(svg.includes("+25") && svg.includes("−25") && svg.includes("&lt;anger&gt;"));
});

Deno.test("a class without rows has no difference, and other rows are refused", () => {
  const some = metricsOf([[3, 1], [0, 0]], labels);
  deepEqual(confusionDifferenceFigure(some, some, "same").plotly.data[0].z, [[0, 0], [null, null]]);
  throws(() => confusionDifferenceFigure(first, some, "other"), /scores of the same classes and rows/);
});
