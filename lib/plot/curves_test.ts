import { deepEqual, equal, ok } from "../testing/assert.ts";
import { Resvg } from "@resvg/resvg-js";
import { type Curves, curvesFigure } from "./curves.ts";

const curves: Curves = {
  title: "memocmt",
  epochs: [1, 2, 3, 4],
  best: 3,
  panels: [
    { title: "loss", series: { train: [2, 1, 0.5, 0.25], dev: [2, 1.5, 1.4, 1.6] } },
    {
      title: "dev",
      percent: true,
      series: { accuracy: [0.2, 0.4, 0.5, 0.5], "macro F1": [null, 0.4, 0.5, 0.499] },
    },
  ],
};

/** Points of the drawn series, in order. */
const series = (svg: string) =>
  [...svg.matchAll(/<polyline points="([^"]*)"[^>]*stroke-width="2"/g)]
    .map(([, points]) => points.split(" ").map((point) => point.split(",").map(Number)));

Deno.test("lines pass through the values: lower is further down, gaps have no point", () => {
  const [train, dev, accuracy, macro] = series(curvesFigure(curves).svg);
  deepEqual([train.length, dev.length, accuracy.length, macro.length], [4, 4, 4, 3]);
  ok(train.every(([, y], i) => i === 0 || y > train[i - 1][1]));
  const perUnit = (train[1][1] - train[0][1]) / (2 - 1);
  ok(Math.abs((train[3][1] - train[0][1]) / (2 - 0.25) - perUnit) < 0.1, "a linear axis");
  equal(train[2][0], dev[2][0], "one axis of epochs");
});

Deno.test("the best epoch is marked in each panel, at its place", () => {
  const { svg } = curvesFigure(curves);
  const marks = [...svg.matchAll(/<text x="([\d.]+)"[^>]*>best: 3</g)].map(([, x]) => Number(x));
  const [train, , accuracy] = series(svg);
  deepEqual(marks, [train[2][0], accuracy[2][0]]);
  equal(curvesFigure({ ...curves, best: undefined }).svg.includes("best"), false);
});

Deno.test("names at the ends of lines don't overlap if lines meet", () => {
  const { svg } = curvesFigure(curves);
  const y = (name: string) => Number(svg.match(new RegExp(`y="([\\d.]+)"[^>]*>${name} `))![1]);
  ok(Math.abs(y("accuracy") - y("macro F1")) >= 14.9);
});

Deno.test("no epoch, one epoch, a constant or NaN can be drawn", () => {
  for (
    const [epochs, values] of [
      [[], []],
      [[1], [0.5]],
      [[1, 2], [0, 0]],
      [[1, 2], [null, null]],
      [[1, 2, 3], [1, NaN, 2]],
    ] as [number[], (number | null)[]][]
  ) {
    const { svg, plotly } = curvesFigure({
      title: "t",
      epochs,
      panels: [{ title: "loss", series: { train: values } }],
    });
    equal(/NaN|Infinity|undefined/.test(svg), false, svg);
    new Resvg(svg);
    equal((plotly.data[0].y as unknown[]).length, values.length);
  }
});

Deno.test("plotly gives each panel axes of its own", () => {
  const { data, layout } = curvesFigure(curves).plotly;
  deepEqual(data.map(({ name, xaxis, yaxis }) => [name, xaxis, yaxis]), [
    ["train", "x", "y"],
    ["dev", "x", "y"],
    ["accuracy", "x2", "y2"],
    ["macro F1", "x2", "y2"],
  ]);
  ok("xaxis" in layout && "xaxis2" in layout && "yaxis2" in layout);
  deepEqual(data[3].y, [null, 0.4, 0.5, 0.499]);
});
