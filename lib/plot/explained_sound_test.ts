import { deepEqual, equal, ok } from "../testing/assert.ts";
import { explainedSoundFigure } from "./explained_sound.ts";

const samples = Float32Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin(i / 10));
const spans = (...weights: number[]) =>
  weights.map((weight, i) => ({ start: i / weights.length, end: (i + 1) / weights.length, weight }));
const saidIn = (svg: string) => [...svg.matchAll(/<g><title>([^<]*)<\/title>/g)].map(([, said]) => said);

Deno.test("each state and each window says its time and its number", () => {
  const { svg, plotly, title } = explainedSoundFigure({
    title: "a & b",
    samples,
    attention: spans(0.25, 0.75),
    occlusion: spans(-0.02, 0.3),
  });
  equal(title, "a & b, 1.00 s");
  deepEqual(saidIn(svg), [
    "0.00 to 0.50 s\nattention 25.0 %",
    "0.50 to 1.00 s\nattention 75.0 %",
    "0.00 to 0.50 s\nfalls by -2.0 %",
    "0.50 to 1.00 s\nfalls by 30.0 %",
  ]);
  const bars = plotly.data.filter(({ type }) => type === "bar");
  deepEqual(bars.map(({ yaxis, y }) => [yaxis, y]), [["y3", [0.25, 0.75]], ["y4", [-0.02, 0.3]]]);
  deepEqual(bars[0].x, [0.25, 0.75]);
});

Deno.test("occlusion alone takes the third lane, values are no percentages, and silence draws nothing odd", () => {
  const found = explainedSoundFigure({ title: "t", samples, occlusion: spans(1.5), percent: false });
  deepEqual(saidIn(found.svg), ["0.00 to 1.00 s\nfalls by 1.500"]);
  equal(found.plotly.data.find(({ type }) => type === "bar")!.yaxis, "y3");
  for (const length of [0, 1, 400, 16000]) {
    const { svg } = explainedSoundFigure({
      title: "t",
      samples: new Float32Array(length),
      attention: spans(0),
    });
    ok(!/NaN|Infinity/.test(svg), `${length} samples`);
  }
});
