import { deepEqual, equal, ok } from "../testing/assert.ts";
import { Resvg } from "@resvg/resvg-js";
import { metricsOf } from "../eval/metrics.ts";
import { confusionFigure } from "./confusion.ts";

const small = metricsOf([[6, 2, 0], [1, 3, 0], [0, 0, 0]], ["joy", "anger", "fear"]);

/** Texts of a drawing with their places. */
const texts = (svg: string) =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)].map(([, x, y, content]) => ({
    x: Number(x),
    y: Number(y),
    content,
  }));

Deno.test("cells show the share of their row and the count, rows their total", () => {
  const { svg, title } = confusionFigure(small, "Dev");
  equal(title, "Dev: accuracy 75.0 %  ·  weighted F1 75.6 %  ·  macro F1 48.9 %  ·  12 rows");
  const all = texts(svg);
  const at = (content: string) => all.filter((t) => t.content === content);
  deepEqual(at("75 %").length, 2); // joy as joy, anger as anger
  deepEqual(at("25 %").length, 2);
  const [joy] = at("joy"), [six] = at("6"), [eight] = at("8");
  ok(Math.abs(joy.y - six.y) < 25 && Math.abs(eight.y - six.y) < 25, "in the row of its truth");
  equal(at("·").length, 5, "empty cells are quiet");
  equal(at("0").length, 1, "the class without rows has the total 0");
});

Deno.test("plotly data has the shares, truth downwards, and no button that uploads", () => {
  const { plotly } = confusionFigure(small);
  deepEqual(plotly.data[0].z, [[0.75, 0.25, 0], [0.25, 0.75, 0], [null, null, null]]);
  deepEqual((plotly.layout.yaxis as Record<string, unknown>).ticktext, ["joy", "anger", "fear"]);
  const beside = plotly.layout.annotations as { text: string }[];
  deepEqual(beside.map(({ text }) => text), ["8", "4", "0", "total"]);
  equal((plotly.layout.yaxis as Record<string, unknown>).autorange, "reversed");
  equal(plotly.config.showSendToCloud, false);
  deepEqual(JSON.parse(JSON.stringify(plotly)), plotly, "pure JSON");
});

Deno.test("2 to 12 classes with long names and large counts stay inside the picture and apart", () => {
  for (const classes of [2, 3, 7, 12]) {
    const names = Array.from({ length: classes }, (_, c) => `an overwhelming and <endless> name ${c}`);
    const counts = names.map((_, i) => names.map((_, j) => 99_999 - i - j));
    const { svg } = confusionFigure(metricsOf(counts, names));
    const picture = new Resvg(svg);
    const [width, height] = [picture.width, picture.height];
    const drawn = new Resvg(svg.replace(/<rect x="0" y="0"[^>]*>/, "")).innerBBox()!; // without the ground
    ok(drawn.x >= 4 && drawn.y >= 4, `${classes} classes start at ${drawn.x}, ${drawn.y}`);
    ok(drawn.x + drawn.width <= width - 4 && drawn.y + drawn.height <= height - 4, `${classes} classes end`);
    const cells = texts(svg).filter(({ content }) => /^99,9\d\d$/.test(content));
    equal(cells.length, classes ** 2);
    ok(cells[1].x - cells[0].x >= 44, "six characters of 11 pixels fit a cell");
  }
});

Deno.test("markup in names stays text", () => {
  const { svg, plotly } = confusionFigure(metricsOf([[1, 0], [0, 1]], ["<b>", "a & b"]));
  ok(svg.includes("&lt;b&gt;") && !svg.includes("<b>"));
  deepEqual((plotly.layout.xaxis as Record<string, unknown>).ticktext, ["&lt;b>", "a &amp; b"]);
});
