import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { crossAttentionFigure } from "./cross_attention.ts";

const saidIn = (svg: string) =>
  [...svg.matchAll(/<path [^>]*><title>([^<]*)<\/title>/g)].map(([, said]) => said);
const times = [{ start: 0, end: 0.4 }, { start: 0.4, end: 0.9 }];

Deno.test("each cell says its word, its time and its weight; both axes have titles", () => {
  const { svg, plotly } = crossAttentionFigure({
    title: "text_to_audio",
    subtitle: "words look at sound",
    words: ["<We>", "won!"],
    times,
    weights: [[0.9, 0.1], [0.2, 0.8]],
  });
  deepEqual(saidIn(svg), [
    "&lt;We&gt;, 0.00 to 0.40 s\n90.0 %",
    "&lt;We&gt;, 0.40 to 0.90 s\n10.0 %",
    "won!, 0.00 to 0.40 s\n20.0 %",
    "won!, 0.40 to 0.90 s\n80.0 %",
  ]);
  match(svg, />words<\/text>/);
  match(svg, />s<\/text>/);
  deepEqual([plotly.data[0].z, plotly.data[0].zmax], [[[0.9, 0.1], [0.2, 0.8]], 0.9]);
});

Deno.test("a large map stays small: equal colours share a path", () => {
  const many = Array.from({ length: 1500 }, (_, i) => ({ start: i / 50, end: (i + 1) / 50 }));
  const words = Array.from({ length: 40 }, (_, i) => `w${i}`);
  const weights = words.map((_, w) => many.map((_, t) => Math.abs(Math.sin(w + t)) / 1500));
  const { svg } = crossAttentionFigure({ title: "t", subtitle: "s", words, times: many, weights });
  ok(saidIn(svg).length <= 101, `${saidIn(svg).length}`);
  const zero = crossAttentionFigure({ title: "t", subtitle: "s", words: ["a"], times, weights: [[0, 0]] });
  equal(/NaN/.test(zero.svg), false);
});
