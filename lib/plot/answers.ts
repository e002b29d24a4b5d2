/** The figure of a split's answers, by kind of target. */
import {
  areClasses,
  argmax,
  confusionMatrix,
  formatted,
  type LabelMetrics,
  metricNamed,
  metricsOf,
  type Scores,
  type VectorMetrics,
} from "../eval/mod.ts";
import type { Target, VectorKind } from "../target.ts";
import { confusionFigure } from "./confusion.ts";
import type { Figure } from "./figure.ts";
import { scatterFigure } from "./scatter.ts";

/** A row's target, and the model's answer to it. */
export interface Answered {
  target: Target;
  answer: readonly number[];
}

/** A figure with the name of its file. */
export type NamedFigure = Figure & { name: string };

/**
 * Draws a split's answers: a confusion matrix of classes, of distributions that of their most probable
 * classes, or a scatter of values. Several labels at once have no figure; their table shows the same.
 */
export function answersFigure(
  metrics: Scores,
  rows: readonly Answered[],
  title: string,
): NamedFigure | undefined {
  if (areClasses(metrics)) return { name: "confusion", ...confusionFigure(metrics, title) };
  return rows.length > 0 ? FIGURES[metrics.target]?.(metrics, rows, title) : undefined;
}

const FIGURES: Partial<
  Record<VectorKind, (metrics: VectorMetrics, rows: readonly Answered[], title: string) => NamedFigure>
> = {
  distribution(metrics, rows, title) {
    const labels = namesOf(metrics),
      top = (of: (row: Answered) => ArrayLike<number>) => rows.map(of).map(argmax);
    const counts = confusionMatrix(top(truthOf), top(({ answer }) => answer), labels.length);
    const figure = confusionFigure(metricsOf(counts, labels), `${title}, most probable classes`);
    return { name: "confusion", ...figure };
  },
  values: (metrics, rows, title) => ({
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
  }),
};

const namesOf = ({ per_label }: VectorMetrics): string[] => per_label.map(({ label }) => label);

const truthOf = ({ target }: Answered): readonly number[] => target.kind === "class" ? [] : target.value;
