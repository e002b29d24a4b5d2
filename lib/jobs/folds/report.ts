/** Reports a protocol: tables, sentences, and the files that hold them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandLine, labelMapTexts } from "../../config/mod.ts";
import { count } from "../../errors.ts";
import {
  type Estimate,
  formatted,
  headlineMetrics,
  KINDS,
  type Metric,
  metricNamed,
  type Spread,
} from "../../eval/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../../files/mod.ts";
import { barsFigure, gapTexts, groupsTable, type Table } from "../../plot/mod.ts";
import { groupsCsv } from "../groups.ts";
import { writeFigure, writePage } from "../pages.ts";
import type { FoldsResults, FoldsSystem } from "./results.ts";

const plain = (metric: Metric, value: number): string => formatted(metric, value).replace(" %", "");

const plusMinus = (metric: Metric, { mean, deviation }: Spread): string =>
  deviation === null ? plain(metric, mean) : `${plain(metric, mean)} ± ${plain(metric, deviation)}`;

const range = (metric: Metric, { interval_95: ends }: Estimate): string =>
  ends ? ends.map((end) => plain(metric, end)).join(" to ") : "–";

/** Returns the metrics that a system has, in the order of tables. */
const metricsIn = ({ target = "class", systems }: FoldsResults): Metric[] =>
  headlineMetrics(target).filter(({ id }) =>
    systems.some(({ pooled, dev }) => (pooled?.metrics ?? dev)?.[id])
  );

const inPercent = (metrics: readonly Metric[]) =>
  metrics.some(({ percent = true }) => percent) ? ", in %" : "";

/**
 * Returns a table with a row per system: each metric on the test rows of all folds together, with mean and
 * deviation over seeds, and the main ones with their 95 % interval. Shows dev if test was not read.
 *
 * @example
 * ```ts
 * import { configure, crossValidate, foldsTable, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ protocol: "kfold:2", method: "text_only", audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(crossValidate(config))).at(-1);
 * if (last?.type === "result") show(foldsTable(last.results));
 * ```
 */
export function foldsTable(results: FoldsResults): Table {
  const metrics = metricsIn(results), { units, folds, seeds } = results;
  const tested = units !== undefined;
  const over = seeds.length > 1 ? `, mean ± deviation over ${seeds.length} seeds` : "";
  const withInterval = (id: string) => results.systems.some(({ pooled }) => pooled?.estimates[id]);
  const text = (name: string) => ({ name, align: "right" as const });
  return {
    title: `${results.data}, ${results.protocol}: ` +
      (tested ? `test rows of ${folds.length} folds together` : `dev, mean over ${folds.length} folds`) +
      `${over}${inPercent(metrics)}${tested ? `; 95 % over ${units.clusters} ${units.by}s` : ""}`,
    columns: [
      "",
      ...metrics.flatMap(({ id, label }) => [text(label), ...withInterval(id) ? [text("95 %")] : []]),
    ],
    rows: results.systems.map(({ name, control, dev, pooled }) => [
      control ? `${name} (control)` : name,
      ...metrics.flatMap((metric) => {
        const value = (pooled?.metrics ?? dev)?.[metric.id];
        return [
          value ? plusMinus(metric, value) : "–",
          ...withInterval(metric.id) ? [pooled ? range(metric, pooled.estimates[metric.id]) : "–"] : [],
        ];
      }),
    ]),
    strong: results.systems.flatMap(({ name }, i) => name === results.best ? [i] : []),
  };
}

/**
 * Returns a table with a row per fold of one system, the best by default, and the mean over folds.
 *
 * @example
 * ```ts
 * import { configure, crossValidate, eachFoldTable, show } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ protocol: "kfold:2", method: "text_only", audio: "none", epochs: 1, out });
 * const last = (await Array.fromAsync(crossValidate(config))).at(-1);
 * if (last?.type === "result") show(eachFoldTable(last.results));
 * ```
 */
export function eachFoldTable(results: FoldsResults, system = results.best): Table {
  const metrics = metricsIn(results), found = results.systems.find(({ name }) => name === system);
  const { folds = [], over_folds = {} } = found ?? {};
  const text = (name: string) => ({ name, align: "right" as const });
  return {
    title: `${system} by fold${inPercent(metrics)}`,
    columns: [
      "tests",
      "rows",
      ...metrics.flatMap(({ id, label }) => [text(label), ...folds[0]?.estimates[id] ? [text("95 %")] : []]),
    ],
    rows: [
      ...folds.map(({ fold, n, metrics: measured, estimates }) => [
        results.folds.find(({ number }) => number === fold)!.name,
        n,
        ...metrics.flatMap((metric) => [
          measured[metric.id] ? plusMinus(metric, measured[metric.id]) : "–",
          ...folds[0].estimates[metric.id] ? [range(metric, estimates[metric.id])] : [],
        ]),
      ]),
      [
        "mean ± deviation over folds",
        folds.reduce((sum, { n }) => sum + n, 0),
        ...metrics.flatMap((metric) => [
          over_folds[metric.id] ? plusMinus(metric, over_folds[metric.id]) : "–",
          ...folds[0]?.estimates[metric.id] ? [""] : [],
        ]),
      ],
    ],
    strong: [folds.length],
  };
}

/** Returns what there is to say of the results: gains, gaps between groups, and notes. */
export function foldsTexts(results: FoldsResults): string[] {
  const { gains, groups, notes, units } = results;
  return [
    ...labelMapTexts(results),
    ...gains.map(({ recipe, against, metric: id, delta, interval_95, p, p_holm }) => {
      const metric = metricNamed(id, "the gain"),
        points = (share: number) => `${share < 0 ? "−" : "+"}${plain(metric, Math.abs(share))}`,
        unit = metric.percent ?? true ? "points of" : "of";
      return `${recipe} over ${against} on test: ${points(delta)} ${unit} ${metric.label} (95 %: ${
        interval_95.map(points).join(" to ")
      }, p ${p.toFixed(3)}, Holm ${p_holm.toFixed(3)}, bootstrap over ${units!.clusters} ${units!.by}s).`;
    }),
    ...units && units.clusters < 10
      ? [`With ${units.clusters} ${units.by}s, intervals are rough and often too narrow.`]
      : [],
    ...groups.flatMap(gapTexts),
    ...notes,
  ];
}

/** Writes `results.json`, `results.csv`, `groups.csv`, the figure and `report.html`. */
export async function writeFolds(
  folder: string,
  results: FoldsResults,
  details: Record<string, unknown>,
): Promise<void> {
  await writeJsonAtomic(join(folder, "results.json"), results);
  await writeFileAtomic(join(folder, "results.csv"), csvText(csvRows(results)));
  const { target = "class", folds, seeds, groups, units } = results;
  if (groups.length > 0) await writeFileAtomic(join(folder, "groups.csv"), groupsCsv(groups));
  const metric = metricNamed(KINDS[target].headline, "the kind of target");
  const figure = barsFigure({
    title: `Methods on ${results.data}, ${results.protocol}`,
    metric: `${metric.label} on ${units ? "test" : "dev"}, ${folds.length} folds`,
    ...metric.percent === false && { percent: false },
    ...!metric.higherIsBetter && { higherIsBetter: false },
    bars: results.systems.flatMap(({ name, control, dev, pooled }) => {
      const measured = (pooled?.metrics ?? dev)?.[metric.id];
      return measured ? [{ name, control, ...measured }] : [];
    }),
  });
  await writeFigure(folder, "comparison", figure);
  const texts = foldsTexts({ ...results, notes: [] });
  await writePage(join(folder, "report.html"), {
    title: `${results.data}, ${results.protocol}`,
    subtitle: `${count(folds.length, "fold")}, ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`,
    texts: [
      units
        ? "These figures are of the test rows of all folds together. No row trained a model that answered it, or " +
          "chose its epoch."
        : "These figures are of dev, which chose the epoch of each run: test was not read.",
    ],
    notes: results.notes,
    sections: [
      { title: "Systems", texts, tables: [foldsTable(results)], figures: [figure] },
      { title: "Each fold", tables: units ? [eachFoldTable(results)] : [] },
      { title: "Groups on test", tables: groups.map((each) => groupsTable(each, "test")) },
      { title: "Runs", tables: linksTables(folder) },
      {
        title: "How to repeat it",
        texts: ['Save "config" under Details as folds.json, then type this.'],
        commands: [commandLine("ablate", ["--config=folds.json", `--name=${results.data}-again`])],
      },
    ],
    details,
  });
}

/** Returns a table of links to the reports of the ablations inside the folder, if there are some. */
function linksTables(folder: string): Table[] {
  const inside = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => existsSync(join(folder, name, "report.html"))).sort(byNumber);
  return inside.length === 0 ? [] : [{
    title: "The report of each fold",
    columns: ["fold"],
    rows: inside.map((text) => [{ text, href: `${text}/report.html` }]),
  }];
}

const byNumber = new Intl.Collator("en", { numeric: true }).compare;

/** The rows of `results.csv`: a row per system and fold, and one of all folds together. */
function csvRows(results: FoldsResults): unknown[][] {
  const metrics = metricsIn(results);
  const rows = ({ name, method = "", control, dev, pooled, folds }: FoldsSystem) => {
    const scores = [
      ...dev ? [{ split: "dev", fold: "mean", metrics: dev }] : [],
      ...pooled ? [{ split: "test", fold: "all", ...pooled }] : [],
      ...folds.map((fold) => ({ split: "test", ...fold })),
    ];
    return scores.map(({ split, fold, metrics: measured, ...rest }) => {
      const { n, by, clusters, estimates } = rest as Partial<FoldsSystem["folds"][number]>;
      return [
        ...[name, method, String(control), split, fold, n, by, clusters],
        ...metrics.flatMap(({ id }) => [
          measured[id]?.mean,
          measured[id]?.deviation,
          ...estimates?.[id]?.interval_95 ?? [undefined, undefined],
        ]),
      ];
    });
  };
  return [
    [
      ...["system", "method", "control", "split", "fold", "rows", "unit", "units"],
      ...metrics.flatMap(({ id }) => [`${id}_mean`, `${id}_deviation`, `${id}_low`, `${id}_high`]),
    ],
    ...results.systems.flatMap(rows),
  ];
}
