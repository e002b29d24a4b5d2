import { deepEqual, equal, ok } from "../testing/assert.ts";
import { adaptive, darkened } from "./dark.ts";
import { type Timeline, timelineFigure } from "./timeline.ts";

const timeline: Timeline = {
  name: "talk <1>.wav",
  seconds: 10,
  envelope: { step: 5, low: [-0.5, -0.25], high: [0.5, 0.125] },
  labels: ["joy", "anger"],
  segments: [
    { start: 1, end: 3, predicted: "joy", probabilities: { joy: 0.75, anger: 0.25 } },
    { start: 5, end: 5.25 },
    { start: 6, end: 9, predicted: "anger", probabilities: { joy: 0, anger: 1 } },
  ],
};

/** Places and opacities of the lanes' cells. */
const cells = (svg: string) =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"[^>]*fill-opacity="([\d.]+)"/g)]
    .map(([, ...numbers]) => numbers.map(Number));

Deno.test("a cell is as wide as its segment and as dark as its label is probable", () => {
  const { svg, title } = timelineFigure(timeline), found = cells(svg);
  equal(title, "talk <1>.wav, 10 s, 2 predicted segments");
  ok(svg.includes("talk &lt;1&gt;.wav") && svg.includes("grey bar: no prediction"));
  deepEqual(found.map(([, , width, opacity]) => [width, opacity]), [[172, 0.75], [172, 0.25], [258, 1]]);
  equal(found[0][0], found[1][0]); // one segment
  equal(found[1][1], found[2][1]); // one label
  equal(svg.match(/fill="#d55e00"/g)!.length, 2);
});

Deno.test("the interactive figure has the same segments", () => {
  const { plotly } = timelineFigure(timeline), [bars, marks] = plotly.data.slice(2);
  deepEqual(bars.base, [1, 1, 6, 6]);
  deepEqual(bars.x, [2, 2, 3, 3]);
  deepEqual(bars.y, [0, 1, 0, 1]);
  deepEqual([marks.base, marks.x, marks.y], [[1, 6], [2, 3], [0.35, 1.35]]);
});

Deno.test("values go from the lowest to the highest of their lane, and nothing is no fault", () => {
  const of = (v: number, start: number) => ({
    start,
    end: start + 1,
    predicted: `v ${v}`,
    probabilities: {},
    values: { v },
  });
  const { svg } = timelineFigure({ ...timeline, labels: ["v"], segments: [of(-1, 0), of(0, 2), of(1, 4)] });
  deepEqual(cells(svg).map(([, , , opacity]) => opacity), [0.5, 1]); // the lowest is empty
  const empty = timelineFigure({
    ...timeline,
    seconds: 0,
    envelope: { step: 1, low: [], high: [] },
    segments: [],
  });
  ok(empty.svg.includes("no segment with a prediction") && !empty.svg.includes("NaN"));
});

Deno.test("several labels at once are all marked", () => {
  const probabilities = { joy: 0.8, anger: 0.7 },
    segments = [{ start: 0, end: 1, predicted: "joy + anger", probabilities }];
  equal(timelineFigure({ ...timeline, segments }).svg.match(/fill="#d55e00"/g)!.length, 2);
});

Deno.test("the dark form has no light paper, and the adaptive form has both", () => {
  const { svg } = timelineFigure(timeline);
  ok(!darkened(svg).includes('"#ffffff"') && darkened(svg).includes('fill="#14181d"'));
  ok(adaptive(svg).includes('[fill="#ffffff"]{fill:#14181d}') && adaptive(svg).includes('fill="#ffffff"'));
});
