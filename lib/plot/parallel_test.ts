import { deepEqual, equal, match, ok } from "../testing/assert.ts";
import { parallelFigure, type ParallelTrials } from "./parallel.ts";

const trials: ParallelTrials = {
  title: "Search <on> data",
  axes: [
    { name: "method", values: ["a", "b", "b"], choices: ["a", "b"] },
    { name: "lr", values: [1e-4, 1e-3, 1e-2], range: [1e-4, 1e-2], log: true },
    { name: "width", values: [null, 0, 8], range: [0, 8] },
  ],
  metric: "dev macro F1",
  scores: [0.4, 0.6, 0.5],
  names: ["trial-0", "trial-1", "trial-2"],
  best: 1,
};

Deno.test("values stand in their places: choices evenly, numbers on their scale, and none below the axis", () => {
  const { plotly: { data } } = parallelFigure(trials);
  const of = (name: string) => (data.find((trace) => trace.name === name)!.y as number[]).slice(0, 3);
  deepEqual(of("trial-1"), [0.75, 0.5, 0]);
  deepEqual(of("trial-2"), [0.75, 1, 1]);
  const [method, lr, width] = of("trial-0");
  deepEqual([method, lr], [0.25, 0]);
  ok(width < 0);
});

Deno.test("the best trial is drawn last, in its own colour, and each line says its trial", () => {
  const { svg, plotly: { data } } = parallelFigure(trials);
  equal(data.at(-1)!.name, "trial-1");
  const titles = [...svg.matchAll(/<g><title>([^<]*)<\/title>/g)].map(([, title]) => title.split("\n"));
  deepEqual(titles.at(-1), ["trial-1", "method b", "lr 0.001", "width 0", "dev macro F1 60.0"]);
  deepEqual(titles[0], ["trial-0", "method a", "lr 1e-4", "dev macro F1 40.0"]);
  match(svg, /Search &lt;on&gt; data/);
});

Deno.test("a single trial and lower scores that are better are drawn, too", () => {
  const one = {
    ...trials,
    axes: [{ name: "lr", values: [0.1], range: [0, 1] as const }],
    scores: [0.5],
    best: 0,
  };
  ok(!parallelFigure({ ...one, names: ["trial-0"] }).svg.includes("NaN"));
  const { plotly: { data } } = parallelFigure({
    ...trials,
    higherIsBetter: false,
    percent: false,
    best: undefined,
  });
  deepEqual(data.map(({ name }) => name), ["trial-1", "trial-2", "trial-0"]); // the worst is drawn first
});
