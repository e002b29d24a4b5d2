import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { explainedWordsFigure } from "./explained_words.ts";

const saidIn = (svg: string) => [...svg.matchAll(/<g><title>([^<]*)<\/title>/g)].map(([, said]) => said);

Deno.test("each word says its attention and how far the answer falls, in the order of the text", () => {
  const { svg, plotly } = explainedWordsFigure({
    title: "joy 83 %",
    words: ["<We>", "won!"],
    attention: [0.25, 0.75],
    occlusion: [-0.0104, 0.4],
  });
  deepEqual(saidIn(svg), [
    "&lt;We&gt;\nattention 25.0 %",
    "won!\nattention 75.0 %",
    "&lt;We&gt;\nfalls by, without it -1.0 %",
    "won!\nfalls by, without it 40.0 %",
  ]);
  deepEqual(plotly.data.map(({ x, xaxis }) => [x, xaxis]), [[[0.25, 0.75], undefined], [
    [-0.0104, 0.4],
    "x2",
  ]]);
  equal((plotly.layout.yaxis as { ticktext: string[] }).ticktext[0], "&lt;We>");
});

Deno.test("one of both measures is enough, values are no percentages, and equal zeros draw nothing odd", () => {
  const { svg } = explainedWordsFigure({ title: "t", words: ["a"], occlusion: [0.5], percent: false });
  deepEqual(saidIn(svg), ["a\nfalls by, without it 0.500"]);
  const zero = explainedWordsFigure({ title: "t", words: ["a", "b"], attention: [0, 0], occlusion: [0, 0] });
  ok(!zero.svg.includes("NaN"));
});

Deno.test("of more than 60 words, the strongest are drawn in their order, and the figure says so", () => {
  const words = Array.from({ length: 90 }, (_, i) => `w${i}`);
  const { svg, plotly } = explainedWordsFigure({
    title: "t",
    words,
    attention: words.map((_, i) => i / 4005),
  });
  match(svg, /the strongest 60 of 90 words/);
  deepEqual((plotly.layout.yaxis as { ticktext: string[] }).ticktext, words.slice(30));
});
