import { deepEqual, equal, ok } from "../testing/assert.ts";
import { auditDataset } from "../data/audit.ts";
import type { Split } from "../data/utterance.ts";
import { labelsFigure, labelsTable } from "./labels.ts";
import { png } from "./png.ts";

const rows =
  ([["train", "joy", 6], ["dev", "joy", 2], ["train", "anger & <rage>", 4], ["test", undefined, 3]] as const)
    .flatMap(([split, label, count]) =>
      Array.from(
        { length: count },
        (_, i) => ({ id: `${split}${label}${i}`, split: split as Split, label, text: `${i}` }),
      )
    );
const audit = auditDataset({
  target: "class",
  name: "own",
  labels: ["anger & <rage>", "joy"],
  rows,
  source: "own.csv",
  root: ".",
  rejected: [],
  notes: [],
});

Deno.test("rows per label and split, summed; unlabelled rows in the sum alone", () => {
  deepEqual(labelsTable(audit).rows, [
    ["anger & <rage>", 4, 0, 0, 4],
    ["joy", 6, 2, 0, 8],
    ["all rows", 10, 2, 3, 15],
  ]);
});

Deno.test("bars are as long as their counts and placed end to end", async () => {
  const { svg, plotly, title } = labelsFigure(audit);
  equal(title, "own: rows per label, 10 train  ·  2 dev  ·  3 test");
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="22"/g)]
    .map(([, x, width]) => [Number(x), Number(width)]);
  equal(bars.length, 6);
  const [anger, , , train, dev] = bars,
    near = (a: number, b: number) => ok(Math.abs(a - b) < 0.02, `${a} and ${b}`);
  near(train[1] / anger[1] * 4, 6);
  near(dev[1] * 3, train[1]);
  near(dev[0], train[0] + train[1]);
  deepEqual(plotly.data.map(({ x }) => x), [[4, 6], [0, 2], [0, 0]]);
  ok((await png(svg)).length > 1000); // throws if a label breaks the XML
});
