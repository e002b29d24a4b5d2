import { deepEqual, equal, ok } from "../testing/assert.ts";
import { Resvg } from "@resvg/resvg-js";
import { barsFigure } from "./bars.ts";

const comparison = {
  title: "Methods",
  metric: "weighted F1, test",
  bars: [
    { name: "majority", mean: 0.3, deviation: null, control: true },
    { name: "text_only", mean: 0.5, deviation: 0.05, values: [0.45, 0.55], control: true },
    { name: "memocmt", mean: 0.7, deviation: 0.01, values: [0.69, 0.71] },
  ],
};

/** Centres of the large dots. */
const dots = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="6"/g)].map(([, x, y]) => [Number(x), Number(y)]);

Deno.test("dots are at their means on one linear axis, in the given order", () => {
  const { svg } = barsFigure(comparison);
  const [majority, text, memocmt] = dots(svg);
  ok(Math.abs((text[0] - majority[0]) - (memocmt[0] - text[0])) < 0.1, "0.3, 0.5, 0.7 are evenly apart");
  ok(majority[1] < text[1] && text[1] < memocmt[1]);
  ok(svg.includes(">70.0 ± 1.0<") && svg.includes(">30.0<"), "values in words");
});

Deno.test("the dotted line runs through the best control", () => {
  const { svg } = barsFigure(comparison);
  const line = svg.match(/points="([\d.]+),[^"]*"[^>]*stroke-dasharray/)![1];
  equal(Number(line), dots(svg)[1][0]);
  const fused = comparison.bars.map((bar) => ({ ...bar, control: false }));
  equal(barsFigure({ ...comparison, bars: fused }).svg.includes("stroke-dasharray"), false);
});

Deno.test("deviations and single runs are drawn inside the picture", () => {
  const wide = {
    name: "a method whose name is longer than anybody would like",
    mean: 0.9,
    deviation: 0.3,
    values: [0.1],
  };
  const { svg } = barsFigure({ ...comparison, bars: [...comparison.bars, wide] });
  const { width, height } = new Resvg(svg);
  const drawn = new Resvg(svg.replace(/<rect x="0" y="0"[^>]*>/, "")).innerBBox()!;
  ok(drawn.x >= 4 && drawn.x + drawn.width <= width - 4 && drawn.y + drawn.height <= height - 4);
  equal(/NaN/.test(barsFigure({ ...comparison, bars: [comparison.bars[0]] }).svg), false, "a single bar");
});

Deno.test("plotly data has means and deviations", () => {
  const [{ x, error_x, text }] = barsFigure(comparison).plotly.data;
  deepEqual(x, [0.3, 0.5, 0.7]);
  deepEqual((error_x as { array: number[] }).array, [0, 0.05, 0.01]);
  deepEqual(text, ["30.0", "50.0 ± 5.0", "70.0 ± 1.0"]);
});
