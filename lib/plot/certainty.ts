/** Tables and sentences of how sure a model is: calibration, conformal sets, selective prediction. */
import { type Certainty, riskAt } from "../eval/mod.ts";
import type { Table } from "./table.ts";
import { count, percent } from "./theme.ts";

/**
 * Returns a table of NLL, Brier score and expected calibration error, before and after temperature scaling.
 * With several names, each has two rows.
 *
 * @example
 * ```ts
 * import { calibrationTable, certaintyOf, show } from "@undertone/undertone";
 *
 * const dev = { truth: [0, 1, 1], probabilities: [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]] };
 * show(calibrationTable({ dev: certaintyOf(dev, dev, ["joy", "anger"]) }, "dev"));
 * ```
 */
export function calibrationTable(certainties: Readonly<Record<string, Certainty>>, title?: string): Table {
  const several = Object.keys(certainties).length > 1;
  return {
    title,
    columns: [
      "",
      { name: "temperature", digits: 2 },
      { name: "NLL", digits: 3 },
      { name: "Brier", digits: 3 },
      { name: "ECE", percent: true },
    ],
    rows: Object.entries(certainties).flatMap(([name, { calibrator, before, after }]) =>
      ([["before scaling", 1, before], ["after scaling", calibrator.temperature, after]] as const).map(
        ([when, temperature, { nll, brier, ece }]) => [
          several ? `${name}, ${when}` : when,
          temperature,
          nll,
          brier,
          ece,
        ],
      )
    ),
  };
}

/**
 * Returns a table of conformal sets: how often they hold the true class, for the rows of each class and for
 * all, and how large they are. It has no rows if dev had too few rows to fit sets.
 *
 * @example
 * ```ts
 * import { certaintyOf, setsTable, show } from "@undertone/undertone";
 *
 * const dev = { truth: [0, 1, 1], probabilities: [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]] };
 * show(setsTable(certaintyOf(dev, dev, ["joy", "anger"], { coverage: 0.7 }), "dev"));
 * ```
 */
export function setsTable({ sets }: Certainty, title?: string): Table {
  const rows = sets ? [...sets.per_class, { label: "all rows", ...sets }] : [];
  return {
    title,
    columns: [
      "true class",
      "rows",
      { name: "in the set", percent: true },
      { name: "95 %", align: "right" },
      { name: "classes in a set", digits: 2 },
    ],
    rows: rows.map(({ label, n, coverage, interval_95, size }) => [
      label,
      n,
      coverage,
      interval_95 ? interval_95.map((end) => percent(end)).join(" to ") : null,
      size,
    ]),
    strong: [rows.length - 1],
  };
}

/**
 * Says in sentences how sure a model is: the temperature, the sets, the errors among the surest rows, and
 * what a reader must know of the figures.
 *
 * @example
 * ```ts
 * import { certaintyOf, certaintyTexts } from "@undertone/undertone";
 *
 * const dev = { truth: [0, 1, 1], probabilities: [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]] };
 * for (const text of certaintyTexts(certaintyOf(dev, dev, ["joy", "anger"]))) console.log(text);
 * ```
 */
export function certaintyTexts({ calibrator, before, after, sets, selective, notes }: Certainty): string[] {
  const { temperature, rule, rows } = calibrator;
  const half = riskAt(selective, 0.5), all = selective.points.at(-1)!;
  return [
    `Temperature ${temperature.toFixed(2)}, fitted on ${
      count(rows)
    } dev rows: the expected calibration error is ` +
    `${percent(before.ece)} % before and ${percent(after.ece)} % after scaling.`,
    ...rule && sets
      ? [
        `Sets at ${count(rule.coverage * 100)} %: ${percent(sets.coverage)} % hold the true class (95 %: ` +
        `${sets.interval_95.map((end) => percent(end)).join(" to ")}). A set has ${
          sets.size.toFixed(2)
        } classes ` +
        `on average, and ${percent(sets.sizes[0] / sets.n)} % have one.`,
      ]
      : [],
    ...half
      ? [
        `Errors among the surest ${percent(half.coverage, 0)} % of rows: ${
          percent(half.risk)
        } %. Among all: ` +
        `${percent(all.risk)} %. The area under the risk-coverage curve is ${
          percent(selective.aurc)
        } %, at best ` +
        `${percent(selective.best_aurc)} %.`,
      ]
      : [],
    ...notes,
  ];
}
