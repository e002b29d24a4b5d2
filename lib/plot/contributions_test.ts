import { deepEqual, match, ok } from "../testing/assert.ts";
import { contributionsFigure, contributionsTable } from "./contributions.ts";
import { tableText } from "./table.ts";

const rows = [
  { label: "joy & co", answers: { none: 0.2, text: 0.5, audio: 0.3, both: 0.9 }, text: 0.45, audio: 0.25 },
  { label: "anger", answers: { none: 0.8, text: 0.5, audio: 0.7, both: 0.1 }, text: -0.45, audio: -0.25 },
];

Deno.test("the figure goes from neither to both by what text and speech add", () => {
  const { svg, plotly } = contributionsFigure(rows);
  const said = [...svg.matchAll(/<g><title>([^<]*)<\/title>/g)].map(([, each]) => each);
  deepEqual(said, [
    "joy &amp; co: 20.0 with neither, 90.0 with both\ntext +45.0, speech +25.0",
    "anger: 80.0 with neither, 10.0 with both\ntext −45.0, speech −25.0",
  ]);
  const [read, heard, none, both] = plotly.data;
  deepEqual([read.base, read.x], [[0.2, 0.8], [0.45, -0.45]]);
  deepEqual((heard.base as number[]).map((x) => Number(x.toFixed(9))), [0.65, 0.35]);
  deepEqual([none.x, both.x], [[0.2, 0.8], [0.9, 0.1]]);
});

Deno.test("the table has the four answers, the shares, and the change without each", () => {
  const text = tableText(contributionsTable(rows, { title: "dev" }), false, 200);
  match(text, /^dev\nlabel +neither +text alone +speech alone +both +text adds +speech adds/);
  match(text, /anger +80\.0 +50\.0 +70\.0 +10\.0 +-45\.0 +-25\.0 +60\.0 +40\.0/);
  const values = [{ label: "valence", answers: { none: 3, text: 3, audio: 3, both: 3 }, text: 0, audio: 0 }];
  match(tableText(contributionsTable(values, { percent: false }), false, 200), /valence +3\b/);
  ok(!contributionsFigure(values, { percent: false }).svg.includes("NaN"));
});
