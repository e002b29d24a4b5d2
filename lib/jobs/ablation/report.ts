/** Reports an ablation: table, sentences, figure, and the files that hold them. */
import { join } from "node:path";
import type { Split } from "../../data/mod.ts";
import { formatted, headlineMetrics, type Metric, metricNamed, type Spread } from "../../eval/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { barsFigure, type Figure, type Table } from "../../plot/mod.ts";
import { type AblationResults, type Gain, headlineIn } from "./table.ts";
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

/** Returns the metrics that any system has. */
const metricsIn = (results: AblationResults): Metric[] =>
  headlineMetrics(results.target ?? "class").filter(({ id }) =>
    results.systems.some((by) => splitsOf(results).some((split) => by[split]?.[id]))
  );

const splitsOf = ({ rows }: AblationResults) => Object.keys(rows) as ("dev" | "test")[];
const lastSplit = (results: AblationResults) => splitsOf(results).at(-1)!;

/**
 * Returns a table with one row per system: mean and deviation
 * over seeds in percent. The best fused recipe is highlighted.
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
  const columns = splits.flatMap((split) =>
    metrics.map(({ label }) => ({ name: `${split} ${label}`, align: "right" as const }))
  );
  return {
    title: `${results.data}${metrics.some(({ percent = true }) => percent) ? ", in %" : ""}${
      seeds.length > 1 ? `: mean ± deviation over ${seeds.length} seeds` : ""
    }${results.normalize ? `; ${results.normalize}` : ""}`,
    columns: ["", ...columns],
    rows: results.systems.map(({ name, control, ...by }) => [
      control ? `${name} (control)` : name,
      ...splits.flatMap((split) => metrics.map((metric) => shownAs(metric, by[split]![metric.id]))),
    ]),
    strong: results.systems.flatMap(({ name }, i) => name === results.best ? [i] : []),
  };
}

/**
 * Describes a gain in one sentence, in percentage points.
 *
 * @example
 * ```ts
 * import { ablate, configureAblation, gainText } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const methods = { text_only: {} };
 * const config = configureAblation({ methods, seeds: [1], audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(ablate(config))).at(-1);
 * if (last?.type === "result") {
 *   for (const gain of last.results.gains) console.log(gainText(last.results, gain));
 * }
 * ```
 */
export function gainText({ best }: AblationResults, gain: Gain): string {
  const { against, split, delta, interval_95: [low, high], p, clusters, by, beyond_chance } = gain;
  const metric = metricNamed(gain.metric, "the gain");
  const points = (share: number) =>
    `${share < 0 ? "−" : "+"}${formatted(metric, Math.abs(share)).replace(" %", "")}`;
  const unit = metric.percent ?? true ? "points of" : "of";
  return `${best} over ${against} on ${split}: ${points(delta)} ${unit} ${metric.label} ` +
    `(95 %: ${points(low)} to ${points(high)}, p ${
      p.toFixed(3)
    }, bootstrap over ${clusters} distinct ${by}s), ` +
    (beyond_chance ? "beyond chance" : "not beyond chance");
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

/** Writes `results.json`, `results.csv` (systems), `cells.csv` (seeds), the figure and `report.html`. */
export async function writeAblation(
  folder: string,
  results: AblationResults,
  details: Record<string, unknown>,
): Promise<void> {
  await writeJsonAtomic(join(folder, "results.json"), results);
  await writeFileAtomic(join(folder, "results.csv"), csvText(systemRows(results)));
  await writeFileAtomic(join(folder, "cells.csv"), csvText(cellRows(results)));
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
    notes: results.gains.map((gain) => gainText(results, gain) + "."),
    tables: [ablationTable(results)],
    figures: [figure],
    details,
  });
}

const bySplit = (results: AblationResults) =>
  results.systems.flatMap(({ name, method, control, ...by }) =>
    splitsOf(results).map((split: Split & ("dev" | "test")) => ({
      name,
      method: method ?? "",
      control,
      split,
      of: by[split]!,
    }))
  );

function systemRows(results: AblationResults): unknown[][] {
  const ids = metricsIn(results).map(({ id }) => id);
  const columns = ids.flatMap((id) => [`${id}_mean`, `${id}_deviation`]);
  return [
    ["system", "method", "control", "split", "seeds", ...columns],
    ...bySplit(results).map(({ name, method, control, split, of }) => [
      name,
      method,
      String(control),
      split,
      results.seeds.length,
      ...ids.flatMap((id) => [of[id]?.mean, of[id]?.deviation]),
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
