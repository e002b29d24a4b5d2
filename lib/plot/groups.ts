/** Tables of scores by group. */
import { formatted, type GroupScores, metricNamed } from "../eval/mod.ts";
import type { Table } from "./table.ts";

/** Returns a table with a row per group: number of rows and units, and each metric with its 95 % interval. */
export function groupsTable({ key, by, groups }: GroupScores, split: string): Table {
  const metrics = Object.keys(groups[0]?.metrics ?? {}).map((id) => metricNamed(id, "groups"));
  return {
    title: `${split} by ${key}`,
    columns: [
      { name: key, align: "left" },
      "rows",
      ...by === "row" ? [] : [`${by}s`],
      ...metrics.flatMap(({ label, percent = true }) => [
        percent ? { name: label, percent } : { name: label, digits: 3 },
        { name: "95 %", align: "right" as const },
      ]),
    ],
    rows: groups.map((group) => [
      group.group,
      group.n,
      ...by === "row" ? [] : [group.clusters],
      ...metrics.flatMap((metric) => {
        const { value, interval_95 } = group.metrics[metric.id];
        const ends = interval_95?.map((end) => formatted(metric, end).replace(" %", ""));
        return [value, ends ? ends.join(" to ") : "–"];
      }),
    ]),
  };
}

/** Says the largest gap of each metric between groups that are large enough. */
export const gapTexts = ({ key, gaps, smallest, groups }: GroupScores): string[] =>
  gaps.length === 0
    ? groups.length < 2 ? [] : [`By ${key}: fewer than two groups have ${smallest} rows, so no gap is told.`]
    : gaps.map(({ metric: id, best, worst, gap }) => {
      const metric = metricNamed(id, "groups"), points = formatted(metric, gap).replace(" %", " points");
      return `By ${key}, ${metric.label}: largest gap ${points}, ${best} over ${worst} (groups of at least ${smallest} rows).`;
    });
