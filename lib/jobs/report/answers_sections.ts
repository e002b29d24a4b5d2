/** Sections that show the answers of several runs to one split: confusion, classes and groups. */
import { areClasses, type ClassIntervals, type Metrics } from "../../eval/mod.ts";
import {
  answersFigures,
  confusionDifferenceFigure,
  type Figure,
  gapTexts,
  groupsTable,
  perClassTable,
  type Section,
  type Table,
} from "../../plot/mod.ts";
import type { Split } from "../../data/mod.ts";
import { intervalsOf, nameOf } from "./result_sections.ts";
import type { Shown } from "./several_sections.ts";

/** Returns the section on confusion: each run's matrix, and how the others differ from the first. */
export function confusionSection(shown: readonly Shown[], split: Split): Section {
  const matrices: Figure[] = shown.flatMap(({ run, answered: { result, rows } }) =>
    answersFigures(result.metrics, rows, run.name)
  );
  const [first, ...others] = shown.flatMap(({ run, answered: { result: { metrics } } }) =>
    areClasses(metrics) ? [{ name: run.name, metrics }] : []
  );
  const like = others.filter(({ metrics }) => isLike(first.metrics, metrics));
  return {
    title: shown.every(({ run }) => run.target === "class") ? `Confusion on ${split}` : `Answers on ${split}`,
    beside: [
      ...matrices,
      ...like.map(({ name, metrics }) =>
        confusionDifferenceFigure(first.metrics, metrics, `${name} minus ${first.name}`)
      ),
    ],
  };
}

/** Returns whether two scores are of the same classes with the same numbers of rows. */
const isLike = (a: Metrics, b: Metrics): boolean => {
  const rows = ({ per_class }: Metrics) =>
    JSON.stringify(per_class.map(({ label, support }) => [label, support]));
  return rows(a) === rows(b);
};

/**
 * Returns the section on each class, label or dimension: F1 of all runs side by side, or a table for each.
 */
export function classesSection(shown: readonly Shown[], split: Split): Section {
  const title = `Each ${nameOf(shown[0].run)} on ${split}`;
  const classes = shown.flatMap(({ run, answered }) => {
    const { metrics } = answered.result;
    return areClasses(metrics) ? [{ name: run.name, metrics, intervals: intervalsOf(run, answered) }] : [];
  });
  const isOne = classes.length === shown.length &&
    classes.every(({ metrics }) => isLike(classes[0].metrics, metrics));
  return {
    title,
    tables: isOne
      ? [f1Table(classes, `F1 of each class on ${split}, in %`)]
      : shown.map(({ run, answered }) =>
        perClassTable(answered.result.metrics, run.name, intervalsOf(run, answered))
      ),
  };
}

function f1Table(
  classes: readonly { name: string; metrics: Metrics; intervals?: ClassIntervals[] }[],
  title: string,
): Table {
  const f1 = (value: number) => (100 * value).toFixed(1);
  return {
    title,
    columns: [
      "class",
      "rows",
      ...classes.flatMap((
        { name, intervals },
      ) => [
        { name, align: "right" as const },
        ...intervals ? [{ name: "95 %", align: "right" as const }] : [],
      ]),
    ],
    rows: classes[0].metrics.per_class.map(({ label, support }, c) => [
      label,
      support,
      ...classes.flatMap(({ metrics, intervals }) => [
        f1(metrics.per_class[c].f1),
        ...intervals ? [intervals[c].f1.map(f1).join(" to ")] : [],
      ]),
    ]),
  };
}

/** Returns the section on groups of rows, of the runs that were evaluated with them. */
export const groupsSection = (shown: readonly Shown[], split: Split): Section => ({
  title: `Groups on ${split}`,
  texts: shown.flatMap(({ run, answered: { result } }) =>
    (result.groups ?? []).flatMap(gapTexts).map((text) => `${run.name}: ${text}`)
  ),
  tables: shown.flatMap(({ run, answered: { result } }) =>
    (result.groups ?? []).map((groups) => groupsTable(groups, `${run.name}: ${split}`))
  ),
});
