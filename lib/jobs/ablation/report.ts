/** Shows an ablation: its table, its figure, and what they say of published figures. */
import { headlineMetrics, type Metric, type Spread } from "../../eval/mod.ts";
import { barsFigure, type Figure, type Table } from "../../plot/mod.ts";
import { type AblationResults, headlineIn, type SystemResult } from "./table.ts";

const percent = (share: number) => (100 * share).toFixed(1);
const plusMinus = ({ mean, deviation }: Spread) =>
  deviation === null ? percent(mean) : `${percent(mean)} ± ${percent(deviation)}`;

/** Formats a metric's mean and deviation for a table. */
export function shownAs({ percent: inPercent = true }: Metric, measured?: Spread): string {
  if (!measured) return "–";
  if (inPercent) return plusMinus(measured);
  const { mean, deviation } = measured;
  const digits = Math.abs(mean) < 10 ? 3 : 1; // a count needs no thousandths
  return deviation === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

/** Formats a published figure for a table. Shares have two decimals, as they are usually published. */
function shownFigure({ percent: inPercent = true }: Metric, value?: number): string {
  if (value === undefined) return "";
  return inPercent ? (100 * value).toFixed(2) : String(value);
}

/** Returns the metrics that any system has. */
export const metricsIn = (results: AblationResults): Metric[] =>
  headlineMetrics(results.target ?? "class").filter(({ id }) =>
    results.systems.some((by) => splitsOf(results).some((split) => by[split]?.[id]))
  );

export const splitsOf = ({ rows }: AblationResults) => Object.keys(rows) as ("dev" | "test")[];
const lastSplit = (results: AblationResults) => splitsOf(results).at(-1)!;

/** Returns whether a figure was published for a metric on a split. */
export const isPublished = ({ systems }: AblationResults, split: "dev" | "test", id: string): boolean =>
  systems.some(({ published }) => published?.[split]?.[id] !== undefined);

/** Returns the sources of the published figures, each once. */
export const publishedNotes = ({ systems }: AblationResults): string[] => [
  ...new Set(systems.flatMap(({ published }) => published ? `Published figures: ${published.source}` : [])),
];

/**
 * Returns a table with one row per system: mean and deviation over seeds in percent, published figures beside
 * them, and the options in which recipes differ. The best fused recipe is highlighted.
 *
 * @example
 * ```ts
 * import { ablate, ablationTable, configureAblation, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(ablate(config))).at(-1);
 * if (last?.type === "result") show(ablationTable(last.results));
 * ```
 */
export function ablationTable(results: AblationResults): Table {
  const splits = splitsOf(results), { seeds } = results, metrics = metricsIn(results);
  const shown = splits.flatMap((split) =>
    metrics.flatMap((metric) => [
      { name: `${split} ${metric.label}`, of: (by: SystemResult) => shownAs(metric, by[split]![metric.id]) },
      ...isPublished(results, split, metric.id)
        ? [{
          name: `${split} ${metric.label}, published`,
          of: (by: SystemResult) => shownFigure(metric, by.published?.[split]?.[metric.id]),
        }]
        : [],
    ])
  );
  const differ = results.systems.some(({ differs }) => differs);
  return {
    title: `${results.data}${metrics.some(({ percent = true }) => percent) ? ", in %" : ""}${
      seeds.length > 1 ? `: mean ± deviation over ${seeds.length} seeds` : ""
    }${results.normalize ? `; ${results.normalize}` : ""}`,
    columns: [
      "",
      ...shown.map(({ name }) => ({ name, align: "right" as const })),
      ...differ ? [{ name: "options", width: 100 }] : [],
    ],
    rows: results.systems.map((by) => [
      by.control ? `${by.name} (control)` : by.name,
      ...shown.map(({ of }) => of(by)),
      ...differ ? [by.differs ?? ""] : [],
    ]),
    strong: results.systems.flatMap(({ name }, i) => name === results.best ? [i] : []),
  };
}

/**
 * Draws the main metric (weighted F1) of all systems on the last split that was read.
 *
 * @example
 * ```ts
 * import { ablate, ablationFigure, configureAblation } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(ablate(config))).at(-1);
 * if (last?.type === "result") await Deno.writeTextFile(`${out}/all.svg`, ablationFigure(last.results).svg);
 * ```
 */
export function ablationFigure(results: AblationResults): Figure {
  const split = lastSplit(results), n = results.seeds.length, metric = headlineIn(results.target);
  return barsFigure({
    title: `Methods on ${results.data}`,
    metric: `${metric.label} on ${split}${n > 1 ? `, mean of ${n} seeds` : ""}`,
    ...metric.percent === false && { percent: false },
    ...!metric.higherIsBetter && { higherIsBetter: false },
    bars: results.systems.flatMap(({ name, control, ...by }) => {
      const measured = by[split]![metric.id];
      return measured ? [{ name, control, ...measured }] : [];
    }),
  });
}
