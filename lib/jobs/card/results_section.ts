/** What a card says of a run's results: each split's metrics with intervals, beside controls, and groups. */
import type { Split } from "../../data/mod.ts";
import {
  allMetrics,
  areClasses,
  formatted,
  type GroupScores,
  type Metric,
  metricNamed,
  metricValue,
  type Scores,
} from "../../eval/mod.ts";
import { count } from "../../errors.ts";
import { mdCode, mdList, mdTable, mdText, wrapped } from "../../markdown.ts";
import { gapTexts } from "../../plot/mod.ts";
import { resultNotes, type Results, type SplitResult } from "../split_result.ts";
import type { CardMetric, CardResult } from "./front_matter.ts";

/** The results that belong to the run's weights, test first. */
const current = (results: Results): [Split, SplitResult][] =>
  (["test", "dev", "train"] as const).flatMap((split) => {
    const result = results[split];
    return result && !result.outdated ? [[split, result] as [Split, SplitResult]] : [];
  });

const shownIn = (scores: Scores): Metric[] =>
  allMetrics().filter(({ id, shown }) => shown !== "files" && metricValue(scores, id) !== undefined);

/** Returns the section on metrics. `name` is the fusion method's. */
export function metricsText(name: string, results: Results): string {
  const found = current(results);
  if (found.length === 0) return "The run has no results yet.";
  return found.flatMap(([split, result]) => [
    `### On ${split}, ${count(result.metrics.n, "row")}`,
    comparison(name, result),
    perName(result.metrics),
    mdList([
      ...resultNotes(result, split).map((note) => mdText(note)),
      ...split === "test" && result.read.length > 1
        ? [
          `The test split was read ${result.read.length} times. A choice between several readings makes the ` +
          "result too good.",
        ]
        : [],
      ...Object.keys(result.controls ?? {}).length ? [CONTROLS] : [],
    ]),
  ]).concat(results.test ? [] : [wrapped(NO_TEST)]).join("\n\n");
}

const CONTROLS = "A model is worth its cost if it beats the controls beside it.";
const NO_TEST =
  "The test split has not been read. `deno task evaluate --run <run> --split test` reads it, and " +
  "adds its results to this card.";

function comparison(name: string, { metrics, controls = {}, ...result }: SplitResult): string {
  const others = Object.entries(controls).reverse();
  const rows = shownIn(metrics).map((metric) => {
    const value = (scores: Scores) => formatted(metric, metricValue(scores, metric.id) ?? null);
    const interval = result[`${metric.id}_interval`]?.interval_95;
    const ends = interval?.map((end) => formatted(metric, end).replace(" %", ""));
    return [
      mdText(metric.label),
      value(metrics),
      ends ? `${ends[0]} to ${ends[1]}` : "",
      ...others.map(([, scores]) => value(scores)),
    ];
  });
  const heads = others.map(([control]) => `${mdText(control)} (control)`);
  return mdTable(["metric", mdText(name), "95 % interval", ...heads], rows);
}

/** Scores of each class, label or dimension. */
function perName(scores: Scores): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  if (areClasses(scores)) {
    return mdTable(
      ["label", "precision", "recall", "F1", "rows"],
      scores.per_class.map(({ label, precision, recall, f1, support }) => [
        mdText(label),
        ...[precision, recall, f1].map(percent),
        String(support),
      ]),
    );
  }
  const keys = Object.keys(scores.per_label[0]).filter((key) => key !== "label");
  const cell = (value: number | string | null) =>
    typeof value !== "number" ? "undefined" : Number.isInteger(value) ? String(value) : value.toFixed(3);
  return mdTable(
    [
      scores.target === "values" ? "dimension" : "label",
      ...keys.map((key) => mdText(key.replaceAll("_", " "))),
    ],
    scores.per_label.map((row) => [mdText(row.label), ...keys.map((key) => cell(row[key]))]),
  );
}

/** Returns the section on groups of rows. `run` is the path of the run. */
export function groupsText(results: Results, run: string): string {
  const found = current(results).flatMap(([split, { groups = [] }]) =>
    groups.map((scores) => ({ split, scores }))
  );
  if (found.length === 0) {
    return wrapped(
      `Not measured. ${mdCode(`deno task evaluate --run ${run} --split dev --by all`)} scores the model by ` +
        "speaker, gender, age, length and what else the data name, and adds the tables to this card.",
    );
  }
  return found.map(({ split, scores }) =>
    [
      `### By ${mdText(scores.key)}, on ${split}`,
      ...PERSONAL.includes(scores.key) ? [spreadOf(scores)] : groupTable(scores),
    ].join("\n\n")
  ).join("\n\n");
}

/** Groups whose names may be those of people: a card is published, so it does not name them. */
const PERSONAL = ["speaker", "session"];

const metricsIn = ({ groups }: GroupScores): Metric[] =>
  Object.keys(groups[0].metrics).map((id) => metricNamed(id, "groups"));

/** Says how the scores of unnamed groups spread. */
function spreadOf(scores: GroupScores): string {
  const { key, groups } = scores;
  return mdList(
    metricsIn(scores).flatMap((metric) => {
      const values = groups.flatMap(({ metrics }) => metrics[metric.id].value ?? []).sort((a, b) => a - b);
      if (values.length === 0) return [];
      const half = values.length >> 1;
      const middle = values.length % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
      const [low, median, high] = [values[0], middle, values.at(-1)!].map((value) =>
        formatted(metric, value)
      );
      return [
        `${mdText(metric.label)} of ${count(groups.length, key)}: from ${low} to ${high}, median ${median}.`,
      ];
    }),
  );
}

function groupTable(scores: GroupScores): string[] {
  const { key, groups } = scores, metrics = metricsIn(scores), gaps = gapTexts(scores);
  const cell = (metric: Metric, { metrics }: GroupScores["groups"][number]) => {
    const { value, interval_95 } = metrics[metric.id];
    const ends = interval_95?.map((end) => formatted(metric, end).replace(" %", ""));
    return formatted(metric, value) + (ends ? ` (${ends[0]} to ${ends[1]})` : "");
  };
  return [
    mdTable(
      [mdText(key), "rows", ...metrics.map(({ label }) => mdText(label))],
      groups.map((group) => [
        mdText(group.group),
        String(group.n),
        ...metrics.map((metric) => cell(metric, group)),
      ]),
    ),
    ...gaps.length ? [mdList(gaps.map(mdText))] : [],
  ];
}

/** Ids on the hub of metrics that have another one here. */
const HUB_IDS: Readonly<Record<string, string>> = {
  weighted_f1: "f1",
  macro_f1: "f1",
  micro_f1: "f1",
  balanced_accuracy: "recall",
  mcc: "matthews_correlation",
  pearson: "pearsonr",
};

/** Returns the results as the hub reads them. Undefined values are left out. */
export function cardResults(
  results: Results,
  data: { name: string; type: string },
  task: CardResult["task"],
): CardResult[] {
  return current(results).map(([split, { metrics }]) => ({
    task,
    dataset: { ...data, split },
    metrics: shownIn(metrics).flatMap((metric): CardMetric[] => {
      const value = metricValue(metrics, metric.id), { id, label } = metric;
      return typeof value === "number" ? [{ type: HUB_IDS[id] ?? id, name: label, value }] : [];
    }),
  }));
}
