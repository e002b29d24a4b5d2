/** The section on paired tests: tables of differences, and what they mean. */
import { formatted, type Metric } from "../../eval/mod.ts";
import type { Section, Table } from "../../plot/mod.ts";
import type { PairedTest, Pairs } from "./pairs.ts";

/** Fewer independent units than this are too few for a bootstrap. */
const FEW = 10;

/** Returns the section. */
export function pairsSection({ split, tests, counts, refused }: Pairs): Section {
  const families = [...Map.groupBy(tests, ({ metric, by }) => `${metric.id} ${by}`).values()];
  const few = new Map(tests.filter(({ units }) => units < FEW).map(({ by, units }) => [by, units]));
  const pairs = families[0]?.length ?? 0;
  const clusters = [...new Set(tests.map(({ by }) => by))].filter((by) => by !== "row");
  return {
    title: `Paired tests on ${split}`,
    texts: pairs === 0 ? [] : [
      "Each pair of runs is scored on the same resamples of the rows. A difference is beyond chance if its " +
      `p-value, ${pairs > 1 ? `adjusted by Holm over ${pairs} pairs, ` : ""}is below 0.05.` +
      (split === "dev" ? " Dev also chose the epoch of each run, which flatters all of them." : ""),
      ...clusters.map((by) =>
        `Rows of one ${by} depend on each other: the test over ${by}s is safer than that over rows.`
      ),
    ],
    notes: [
      ...refused,
      ...[...few].map(([by, units]) =>
        `With ${units} ${by}s, intervals and p-values by ${by} are rough and often too small.`
      ),
    ],
    tables: [
      ...families.map(tableOf),
      ...counts.length === 0 ? [] : [{
        title: `Accuracy: McNemar's exact test over ${counts[0].n} rows`,
        columns: ["", "and", "only the first right", "only the second right", right("p"), right("p (Holm)")],
        rows: counts.map((each) => [each.a, each.b, each.only_a_right, each.only_b_right, ...pTexts(each)]),
        strong: counts.flatMap(({ p_holm }, i) => p_holm < 0.05 ? [i] : []),
      }],
    ],
  };
}

const right = (name: string) => ({ name, align: "right" as const });

const pTexts = ({ p, p_holm }: { p: number; p_holm: number }) => [p.toFixed(3), p_holm.toFixed(3)];

function tableOf(tests: readonly PairedTest[]): Table {
  const [{ metric, by, units }] = tests, inPoints = metric.percent ?? true ? ", in points" : "";
  return {
    title: `Difference of ${metric.label}${inPoints}: bootstrap over ${units} ${by}s`,
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
