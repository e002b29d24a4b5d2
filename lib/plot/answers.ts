/** The figures of a split's answers, by kind of target. */
import {
  areClasses,
  argmax,
  confusionMatrix,
  formatted,
  holds,
  type LabelMetrics,
  metricNamed,
  metricsOf,
  type Scores,
  type VectorMetrics,
} from "../eval/mod.ts";
import type { Target, VectorKind } from "../target.ts";
import { confusionFigure } from "./confusion.ts";
import type { Figure } from "./figure.ts";
import { type HeatCell, heatMapFigure } from "./heat_map.ts";
import { scatterFigure } from "./scatter.ts";
import { count } from "./theme.ts";

/** A row's target, and the model's answer to it. */
export interface Answered {
  target: Target;
  answer: readonly number[];
}

/** A figure with the name of its file. */
export type NamedFigure = Figure & { name: string };

/**
 * Draws a split's answers: a confusion matrix of classes, of distributions that of their most probable
 * classes and of their shares, a heat map of the labels that are predicted beside the true ones, or a scatter
 * of values.
 */
export function answersFigures(
  metrics: Scores,
  rows: readonly Answered[],
  title: string,
): NamedFigure[] {
  if (areClasses(metrics)) return [{ name: "confusion", ...confusionFigure(metrics, title) }];
  return rows.length > 0 ? FIGURES[metrics.target](metrics, rows, title) : [];
}

const FIGURES: Record<
  VectorKind,
  (metrics: VectorMetrics, rows: readonly Answered[], title: string) => NamedFigure[]
> = {
  distribution(metrics, rows, title) {
    const labels = namesOf(metrics),
      top = (of: (row: Answered) => ArrayLike<number>) => rows.map(of).map(argmax);
    const counts = confusionMatrix(top(truthOf), top(answerOf), labels.length);
    const figure = confusionFigure(metricsOf(counts, labels), `${title}, most probable classes`);
    const shares = sharesFigure(labels, labels, rows, {
      title: `${title}, shares`,
      subtitle: "mean predicted share of each class, for the votes of each true class, in %",
      weights: truthOf,
      answer: answerOf,
    });
    return [{ name: "confusion", ...figure }, { name: "shares", ...shares }];
  },
  labels(metrics, rows, title) {
    const labels = namesOf(metrics), none = (row: Answered) => truthOf(row).every((is) => is === 0);
    const withNone = rows.some(none);
    const figure = sharesFigure([...labels, ...withNone ? ["no label"] : []], labels, rows, {
      title: `${title}, labels`,
      subtitle: "share of the rows with each true label for which each label is predicted, in %",
      weights: (row) => [...truthOf(row), ...withNone ? [Number(none(row))] : []],
      answer: (row) => row.answer.map((probability) => Number(holds(probability))),
    });
    return [{ name: "labels", ...figure }];
  },
  values: (metrics, rows, title) => [{
    name: "scatter",
    ...scatterFigure(
      metrics.per_label.map((scores: LabelMetrics, c) => ({
        label: scores.label,
        truth: rows.map((row) => truthOf(row)[c]),
        predicted: rows.map(({ answer }) => answer[c]),
        note: `CCC ${formatted(metricNamed("ccc", "the figure"), scores.ccc as number | null)}`,
      })),
      title,
    ),
  }],
};

/** Draws the mean answer of each column over all rows, weighted by the weight of each true name. */
function sharesFigure(
  names: readonly string[],
  columns: readonly string[],
  rows: readonly Answered[],
  { title, subtitle, weights, answer }: {
    title: string;
    subtitle: string;
    weights: (row: Answered) => readonly number[];
    answer: (row: Answered) => readonly number[];
  },
): Figure {
  const given = rows.map(weights), answers = rows.map(answer);
  const total = names.map((_, i) => given.reduce((sum, row) => sum + row[i], 0));
  const cells = names.map((_, i) =>
    columns.map((_, j): HeatCell | undefined => {
      if (total[i] === 0) return undefined;
      const sum = answers.reduce((sum, row, n) => sum + given[n][i] * row[j], 0);
      return { value: Math.min(1, sum / total[i]), marked: i === j }; // rounding may reach beyond 1
    })
  );
  return heatMapFigure({
    title,
    subtitle: `${subtitle}  ·  ${count(rows.length)} rows`,
    rows: { title: "true", names: names.map((name, i) => `${name} (${count(total[i])})`) },
    columns: { title: "predicted", names: columns },
    cells,
  });
}

const namesOf = ({ per_label }: VectorMetrics): string[] => per_label.map(({ label }) => label);

const answerOf = ({ answer }: Answered): readonly number[] => answer;

const truthOf = ({ target }: Answered): readonly number[] => target.kind === "class" ? [] : target.value;
