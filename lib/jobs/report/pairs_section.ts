/** The section on paired tests: tables of differences, and what they mean. */
import { formatted, type Metric } from "../../eval/mod.ts";
import { count } from "../../errors.ts";
import type { Section, Table } from "../../plot/mod.ts";
import type { PairedTest, Pairs } from "./pairs.ts";

/** Fewer independent units than this are too few for a bootstrap. */
const FEW = 10;

/** Returns the section. */
export function pairsSection({ split, first, tests, counts, refused }: Pairs): Section {
  // Pairs of runs on other data have other rows: each number of units has its own table.
  const families = [...Map.groupBy(tests, ({ metric, by, units }) => `${metric.id} ${by} ${units}`).values()];
  const few = tests.filter(({ units }) => units < FEW).map(({ by, units }) =>
    `With ${count(units, by)}, intervals and p-values by ${by} are rough and often too small.`
  );
  const pairs = tests.filter(({ metric, by }) => metric === tests[0].metric && by === tests[0].by).length;
  const clusters = [...new Set(tests.map(({ by }) => by))].filter((by) => by !== "row");
  return {
    title: `Paired tests on ${split}`,
    texts: pairs === 0 ? [] : [
      (first === undefined
        ? "Each pair of runs is scored"
        : `These are many runs, so each is compared with ${first} alone. A pair is scored`) +
      " on the same resamples of the rows. A difference is beyond chance if its " +
      `p-value, ${pairs > 1 ? `adjusted by Holm over ${pairs} pairs, ` : ""}is below 0.05.` +
      (split === "dev" ? " Dev also chose the epoch of each run, which flatters all of them." : ""),
      ...clusters.map((by) =>
        `Rows of one ${by} depend on each other: the test over ${by}s is safer than that over rows.`
      ),
    ],
    notes: [
      ...refused,
      ...new Set(few),
    ],
    tables: [
      ...families.map(tableOf),
      ...[...Map.groupBy(counts, ({ n }) => n)].map(([n, counts]): Table => ({
        title: `Accuracy: McNemar's exact test over ${count(n, "row")}`,
        columns: ["", "and", "only the first right", "only the second right", right("p"), right("p (Holm)")],
        rows: counts.map((each) => [each.a, each.b, each.only_a_right, each.only_b_right, ...pTexts(each)]),
        strong: counts.flatMap(({ p_holm }, i) => p_holm < 0.05 ? [i] : []),
      })),
    ],
  };
}

const right = (name: string) => ({ name, align: "right" as const });

const pTexts = ({ p, p_holm }: { p: number; p_holm: number }) => [p.toFixed(3), p_holm.toFixed(3)];

function tableOf(tests: readonly PairedTest[]): Table {
  const [{ metric, by, units }] = tests, inPoints = metric.percent ?? true ? ", in points" : "";
  return {
    title: `Difference of ${metric.label}${inPoints}: bootstrap over ${count(units, by)}`,
    columns: ["", "over", right("difference"), right("95 %"), right("p"), right("p (Holm)")],
    rows: tests.map((test) => [
      test.a,
      test.b,
      points(metric, test.delta),
      test.interval_95.map((end) => points(metric, end)).join(" to "),
      ...pTexts(test),
    ]),
    strong: tests.flatMap(({ p_holm }, i) => p_holm < 0.05 ? [i] : []),
  };
}

/** Formats a difference with its sign: in percentage points if the metric is a share. */
const points = (metric: Metric, share: number): string =>
  `${share < 0 ? "−" : "+"}${formatted(metric, Math.abs(share)).replace(" %", "")}`;
