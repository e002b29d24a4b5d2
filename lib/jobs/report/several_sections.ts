/** Sections that show several runs together: scores, options and learning curves. */
import { formatted, headlineMetrics, KINDS, metricNamed, metricValue } from "../../eval/mod.ts";
import { type Curves, curvesFigure, type Section, type Table } from "../../plot/mod.ts";
import type { Split } from "../../data/mod.ts";
import { curvesOf } from "../curves.ts";
import { systemsOf } from "../read_results.ts";
import { differing, type Values } from "../runs/options.ts";
import { balancedOf, headlineOf, resultNotes } from "../split_result.ts";
import type { Answered, Material } from "./material.ts";
import { splitText } from "./result_sections.ts";

/** A run with its answers to the split that is shown. */
export interface Shown {
  run: Material;
  answered: Answered;
}

/** Returns the runs that have answers to a split. */
export const shownOn = (runs: readonly Material[], split: Split): Shown[] =>
  runs.flatMap((run) => {
    const answered = run.answered.find((each) => each.split === split);
    return answered ? [{ run, answered }] : [];
  });

const right = (name: string) => ({ name, align: "right" as const });

/** Returns a table of the metrics of all runs on a split, the main ones with their 95 % intervals. */
export function scoresTable(shown: readonly Shown[], split: Split): Table {
  const metrics = headlineMetrics().filter(({ id }) =>
    shown.some(({ answered: { result } }) => metricValue(result.metrics, id) !== undefined)
  );
  const interval = (result: Answered["result"], id: string) => {
    const found = [headlineOf(result), balancedOf(result)].find((each) => each?.metric.id === id)?.interval;
    return found?.interval_95.map((end) => formatted(metricNamed(id, "the report"), end).replace(" %", ""))
      .join(" to ");
  };
  const columns = metrics.map((metric) => ({
    metric,
    withInterval: shown.some(({ answered: { result } }) => interval(result, metric.id)),
  }));
  return {
    title: `On ${split}${metrics.some(({ percent = true }) => percent) ? ", shares in %" : ""}`,
    columns: [
      "run",
      "method",
      ...columns.flatMap((
        { metric: { label }, withInterval },
      ) => [right(label), ...withInterval ? [right("95 %")] : []]),
      right("rows"),
    ],
    rows: shown.map(({ run, answered: { result } }) => [
      run.name,
      run.config.method,
      ...columns.flatMap(({ metric, withInterval }) => {
        const value = metricValue(result.metrics, metric.id);
        return [
          value === undefined ? null : formatted(metric, value).replace(" %", ""),
          ...withInterval ? [interval(result, metric.id) ?? null] : [],
        ];
      }),
      result.metrics.n,
    ]),
  };
}

/** Returns the section on the results of all runs on a split: scores, and notes that hold for some. */
export function scoresSection(shown: readonly Shown[], split: Split): Section {
  const sizes = [...new Set(shown.map(({ answered }) => answered.result.metrics.n))];
  const notes = Map.groupBy(
    shown.flatMap(({ run, answered }) =>
      resultNotes(answered.result, split).map((note) => ({ note, name: run.name }))
    ),
    ({ note }) => note,
  );
  return {
    title: `Result on ${split}`,
    texts: sizes.length === 1 ? [splitText(split, sizes[0])] : [
      `These figures are of the ${split} split. The runs have different rows there, so compare them with care.`,
    ],
    notes: [...notes].map(([note, by]) =>
      by.length === shown.length ? note : `${by.map(({ name }) => name).join(", ")}: ${note}`
    ),
    tables: [scoresTable(shown, split), ...controlsTables(shown, split)],
  };
}

/** Returns a table of the controls, each once: the majority is the same for runs on the same data. */
function controlsTables(shown: readonly Shown[], split: Split): Table[] {
  const rows = shown.flatMap(({ run, answered: { result } }) =>
    systemsOf(run.config.method, result).slice(1).map(({ name, metrics }) => ({
      run: run.name,
      name,
      metrics,
    }))
  );
  const metrics = headlineMetrics().filter(({ id }) =>
    rows.some((row) => metricValue(row.metrics, id) !== undefined)
  );
  if (rows.length === 0) return [];
  return [{
    title: `Controls on ${split}`,
    columns: ["control", "of", ...metrics.map(({ label }) => right(label))],
    rows: rows.map((row) => [
      row.name,
      row.run,
      ...metrics.map((metric) => {
        const value = metricValue(row.metrics, metric.id);
        return value === undefined ? null : formatted(metric, value).replace(" %", "");
      }),
    ]),
  }];
}

/** Returns the section on the options in which runs differ. */
export function optionsSection(names: readonly string[], options: readonly Values[]): Section {
  const found = differing(options);
  return {
    title: "What differs",
    texts: found.length === 0
      ? ["All options are the same."]
      : ["Options that are not listed are the same in all runs. A dash stands where a run has none."],
    tables: found.length === 0 ? [] : [{
      title: "Options that differ",
      columns: ["option", ...names],
      rows: found.map(({ key, values }) => [key, ...values.map(said)]),
    }],
  };
}

const said = (value: unknown): string | null =>
  value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value);

/** Returns the section on learning curves: loss and the main dev metric of all runs over each other. */
export function curvesSection(runs: readonly Material[]): Section {
  const each = runs.map(({ name, events }) => ({ name, curves: curvesOf(events, name), events }))
    .filter(({ curves }) => curves.epochs.length > 0);
  const epochs = [...new Set(each.flatMap(({ curves }) => curves.epochs))].sort((a, b) => a - b);
  const heads = [...new Set(runs.map(({ target }) => KINDS[target].headline))].map((id) =>
    metricNamed(id, "the report")
  );
  const panel = (
    title: string,
    find: (curves: Curves) => readonly (number | null)[] | undefined,
    percent = false,
  ) => ({
    title,
    percent,
    series: Object.fromEntries(each.flatMap(({ name, curves }) => {
      const values = find(curves);
      if (!values) return [];
      const at = new Map(curves.epochs.map((epoch, i) => [epoch, values[i]]));
      return [[name, epochs.map((epoch) => at.get(epoch) ?? null)]];
    })),
  });
  const series = (of: string) => ({ panels }: Curves) => panels.map(({ series }) => series[of]).find(Boolean);
  const losses = [
    panel("train loss", ({ panels }) => panels[0].series.train),
    panel("dev loss", ({ panels }) => panels[0].series.dev),
  ];
  const scores = heads.map(({ label, percent = true }) => panel(`dev ${label}`, series(label), percent))
    .filter(({ series }) => Object.keys(series).length > 0);
  const best = each.flatMap(({ name, curves: { best } }) =>
    best === undefined ? [] : [`${name}: epoch ${best}`]
  );
  return {
    title: "Learning curves",
    texts: best.length > 0 ? [`The epochs that were kept: ${best.join("; ")}.`] : [],
    figures: epochs.length === 0 ? [] : [
      curvesFigure({ title: "Loss", epochs, panels: losses }),
      ...scores.length > 0 ? [curvesFigure({ title: "Main dev metric", epochs, panels: scores })] : [],
    ],
  };
}
