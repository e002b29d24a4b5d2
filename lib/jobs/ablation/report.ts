/** Reports an ablation: table, sentences, figure, and the files that hold them. */
import { join } from "node:path";
import { labelMapTexts } from "../../config/mod.ts";
import type { Split } from "../../data/mod.ts";
import { headlineMetrics, type Metric, type Spread } from "../../eval/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { barsFigure, type Figure, type Table } from "../../plot/mod.ts";
import { comparisonRows, comparisonTables, gainText } from "./comparisons_table.ts";
import { type AblationResults, headlineIn, type SystemResult } from "./table.ts";
import { writeFigure, writePage } from "../pages.ts";

const percent = (share: number) => (100 * share).toFixed(1);
const plusMinus = ({ mean, deviation }: Spread) =>
  deviation === null ? percent(mean) : `${percent(mean)} ± ${percent(deviation)}`;

/** Formats a metric's mean and deviation for a table. */
function shownAs({ percent: inPercent = true }: Metric, measured?: Spread): string {
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
const metricsIn = (results: AblationResults): Metric[] =>
  headlineMetrics(results.target ?? "class").filter(({ id }) =>
    results.systems.some((by) => splitsOf(results).some((split) => by[split]?.[id]))
  );

const splitsOf = ({ rows }: AblationResults) => Object.keys(rows) as ("dev" | "test")[];
const lastSplit = (results: AblationResults) => splitsOf(results).at(-1)!;

/** Returns whether a figure was published for a metric on a split. */
const isPublished = ({ systems }: AblationResults, split: "dev" | "test", id: string): boolean =>
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
    title: results.data,
    metric: `${metric.label}, ${split}${n > 1 ? `, ${n} seeds` : ""}`,
    ...metric.percent === false && { percent: false },
    ...!metric.higherIsBetter && { higherIsBetter: false },
    bars: results.systems.flatMap(({ name, control, ...by }) => {
      const measured = by[split]![metric.id];
      return measured ? [{ name, control, ...measured }] : [];
    }),
  });
}

/**
 * Writes `results.json`, `results.csv` (systems), `cells.csv` (seeds), `comparisons.csv`, the figure and
 * `report.html`.
 */
export async function writeAblation(
  folder: string,
  results: AblationResults,
  details: Record<string, unknown>,
): Promise<void> {
  await writeJsonAtomic(join(folder, "results.json"), results);
  await writeFileAtomic(join(folder, "results.csv"), csvText(systemRows(results)));
  await writeFileAtomic(join(folder, "cells.csv"), csvText(cellRows(results)));
  await writeFileAtomic(join(folder, "comparisons.csv"), csvText(comparisonRows(results)));
  const figure = ablationFigure(results), split = lastSplit(results), metric = headlineIn(results.target);
  await writeFigure(folder, "comparison", figure);
  const winner = results.systems.find(({ name }) => name === results.best);
  await writePage(join(folder, "report.html"), {
    title: `Ablation on ${results.data}`,
    subtitle: `${results.systems.length - 1} recipes, seeds ${results.seeds.join(", ")}; ` +
      splitsOf(results).map((split) => `${results.rows[split]} ${split} rows`).join(", "),
    facts: winner && {
      "best fused recipe on dev": winner.name,
      [`its ${metric.label}, ${split}`]: shownAs(metric, winner[split]![metric.id]) +
        (metric.percent ?? true ? " %" : ""),
    },
    notes: [
      ...labelMapTexts(results),
      ...results.gains.map((gain) => gainText(results, gain) + "."),
      ...publishedNotes(results),
      ...results.notes ?? [],
    ],
    tables: [
      ablationTable(results),
      ...comparisonTables(results),
    ],
    figures: [figure],
    details,
  });
}

const bySplit = (results: AblationResults) =>
  results.systems.flatMap(({ name, method, control, differs, published, ...by }) =>
    splitsOf(results).map((split: Split & ("dev" | "test")) => ({
      name,
      method: method ?? "",
      control,
      split,
      of: by[split]!,
      figures: published?.[split] ?? {},
      options: differs ?? "",
    }))
  );

function systemRows(results: AblationResults): unknown[][] {
  const ids = metricsIn(results).map(({ id }) => id);
  const published = ids.filter((id) => splitsOf(results).some((split) => isPublished(results, split, id)));
  const differ = results.systems.some(({ differs }) => differs);
  return [
    [
      ...["system", "method", "control", "split", "seeds"],
      ...ids.flatMap((id) => [`${id}_mean`, `${id}_deviation`]),
      ...published.map((id) => `${id}_published`),
      ...differ ? ["options"] : [],
    ],
    ...bySplit(results).map(({ name, method, control, split, of, figures, options }) => [
      ...[name, method, String(control), split, results.seeds.length],
      ...ids.flatMap((id) => [of[id]?.mean, of[id]?.deviation]),
      ...published.map((id) => figures[id]),
      ...differ ? [options] : [],
    ]),
  ];
}

function cellRows(results: AblationResults): unknown[][] {
  const ids = metricsIn(results).map(({ id }) => id);
  return [
    ["system", "method", "control", "split", "seed", ...ids],
    ...bySplit(results).flatMap(({ name, method, control, split, of }) =>
      results.seeds.map((seed, i) => [
        name,
        method,
        String(control),
        split,
        seed,
        ...ids.map((id) => of[id]?.values[i]),
      ])
    ),
  ];
}
