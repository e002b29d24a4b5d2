import { deepEqual, equal, ok } from "../testing/assert.ts";
import { heatMapFigure } from "./heat_map.ts";

const values = Array.from({ length: 21 }, (_, i) => i / 20);
const map = {
  title: "UA <b>",
  subtitle: "in %",
  rows: { title: "trained on", names: ["a & b", "c"] },
  columns: { title: "tested on", names: values.map((value) => `corpus ${value}`) },
  cells: [values.map((value) => ({ value, marked: value === 0.5 })), [{
    value: 0.514,
    interval: [0.46, 0.57] as const,
  }]],
};

/** WCAG's contrast of two colours. */
function contrast(a: string, b: string): number {
  const [low, high] = [a, b].map((colour) => {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

for (const dark of [false, true]) {
  Deno.test(`${dark ? "dark" : "light"}: each value is readable on its colour, and stands apart from the paper`, () => {
    const { svg } = heatMapFigure(map, { dark });
    const pairs = [
      ...svg.matchAll(/rx="3" fill="(#\w{6})".*\n<text .* fill="(#\w{6})" text-anchor="middle">([\d.]+)</g),
    ];
    equal(pairs.length, values.length + 1);
    for (const [, fill, ink, value] of pairs) {
      ok(contrast(fill, ink) > 3.6, `${value}: ${contrast(fill, ink)}`);
    }
    equal([...svg.matchAll(/rx="3" fill="\S+" stroke="#/g)].length, 1);
    const [, paper] = /rx="0" fill="(#\w{6})"/.exec(svg)!,
      [, title] = /font-size="18" .*? fill="(#\w{6})"/.exec(svg)!;
    ok(contrast(paper, title) > 7);
  });
}

Deno.test("a cell shows its value and interval, an absent one a dash; names are escaped", () => {
  const { svg, plotly, title } = heatMapFigure({ ...map, cells: [[undefined], map.cells[1]] });
  for (const part of [">51.4<", ">46.0 to 57.0<", ">–<", "a &amp; b", "UA &lt;b&gt;"]) {
    ok(svg.includes(part), part);
  }
  const [{ z, zmin, zmax }] = plotly.data as { z: unknown; zmin: number; zmax: number }[];
  deepEqual([z, zmin, zmax], [[[null], [0.514]], 0.5, 0.6]);
  equal(title, "UA <b>: in %");
});
