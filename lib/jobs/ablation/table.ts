/** The table of an ablation: mean and deviation over seeds, and whether fusion helped beyond chance. */
import type { Published } from "../../config/mod.ts";
import type { Dataset, LabelMapping, Split } from "../../data/mod.ts";
import {
  absentNotes,
  areClasses,
  groupMetrics,
  headlineMetrics,
  KINDS,
  type Metric,
  metricNamed,
  metricsOfOutcomes,
  metricValue,
  type Spread,
  spread,
} from "../../eval/mod.ts";
import type { TargetKind } from "../../target.ts";
import type { Answers, System } from "./answers.ts";
import { comparePairs, distinctPairs, type Pair, type RecipeComparison } from "./comparisons.ts";

/**
 * Per metric: mean and deviation over seeds, and the value of each
 * seed, in order. A metric that is undefined for any seed is absent.
 */
export type Measured = Record<string, Spread & { values: number[] }>;

/** The scores of a recipe or control. */
export interface SystemResult {
  /** Name of the recipe or control. */
  name: string;
  /** Fusion method; absent for the majority. */
  method?: string;
  /** Whether it is a control, which fused recipes must beat. */
  control: boolean;
  /** The options in which the recipes differ, as text; absent if there are none. */
  differs?: string;
  /** Figures that others published for the recipe. */
  published?: Published;
  /** On dev. */
  dev: Measured;
  /** On test, if it was read. */
  test?: Measured;
  /** Recall and F1 of each class by split, for classes. Results of earlier versions have none. */
  per_class?: Partial<Record<Split, ClassSpread[]>>;
}

/** The scores of a class: mean and deviation over seeds. */
export interface ClassSpread {
  /** Name of the class. */
  label: string;
  /** Rows whose truth is this class. */
  support: number;
  /** Share of these rows that are predicted as the class. */
  recall: Spread;
  /** Harmonic mean of precision and recall. */
  f1: Spread;
}

/** The gain of the best fused recipe over a control; its p-value is not adjusted. */
export interface Gain extends Omit<RecipeComparison, "recipe" | "p_holm"> {
  /** Whether the interval lies above 0, or below 0 if a lower value of the metric is better. */
  beyond_chance: boolean;
}

/** The table of an ablation. */
export interface AblationResults {
  /** Name of the data set. */
  data: string;
  /** Kind of target; absent for classes. */
  target?: TargetKind;
  /** How the recipes scale hidden states by groups, if they do. A recipe may have its own scaling. */
  normalize?: string;
  /** How labels were mapped; absent if they were not. */
  label_map?: LabelMapping;
  /** Seeds; each recipe was trained with every one. */
  seeds: number[];
  /** Number of labelled rows by split. */
  rows: Partial<Record<Split, number>>;
  /** All systems, controls first. */
  systems: SystemResult[];
  /** The fused recipe whose main metric (weighted F1) is best on dev; absent if none was trained. */
  best?: string;
  /**
   * Its gains on test, or on dev if test was not read. Dev flatters the recipe, because it was chosen there.
   */
  gains: Gain[];
  /**
   * The best fused recipe with every other system, then the pairs that were asked for, on the same split: by
   * the main metric, then for classes by balanced accuracy. P-values are adjusted over all of a metric.
   */
  comparisons: RecipeComparison[];
  /**
   * Pairs that can't be compared, because the metric is undefined for a resample; absent if there are none.
   */
  incomparable?: (readonly [recipe: string, against: string])[];
  /** What macro F1 means where a class has no row; absent if every class has some. */
  notes?: string[];
}

/** Summarises systems on the splits that were read, dev first. */
export function summarise(
  systems: readonly System[],
  splits: readonly Split[],
  seeds: readonly number[],
  dataset: Dataset,
  { pairs = [], protocol }: { pairs?: readonly Pair[]; protocol?: string } = {},
): AblationResults {
  const { target } = dataset, metric = headlineIn(target);
  const results = systems.map(({ answers, ...system }) => ({
    ...system,
    ...Object.fromEntries(splits.map((split) => [split, measure(answers[split]!, target)])),
    ...target === "class" && {
      per_class: Object.fromEntries(splits.map((split) => [split, measureClasses(answers[split]!)])),
    },
  } as SystemResult));
  const best = results.filter(({ control }) => !control)
    .reduce<SystemResult | undefined>(
      (a, b) => a && !isBetter(metric, b.dev[metric.id]?.mean, a.dev[metric.id]?.mean) ? a : b,
      undefined,
    )?.name;
  const split = splits[splits.length - 1];
  const isControl = (name: string) => systems.some((system) => system.name === name && system.control);
  const rivals = systems.map(({ name }) => name).filter((name) => name !== best)
    .sort((a, b) => Number(isControl(b)) - Number(isControl(a)));
  const wanted = distinctPairs([...best ? rivals.map((name): Pair => [best, name]) : [], ...pairs]);
  const compared = [metric, ...groupMetrics(target).filter(({ id }) => id !== metric.id)]
    .map((metric) => comparePairs(systems, wanted, { split, dataset, metric, protocol }));
  const [{ comparisons, undefinedFor }] = compared;
  const shown = systems.find(({ name }) => name === best) ?? systems[systems.length - 1];
  const notes = splits.flatMap((split) =>
    absentNotes(metricsOfOutcomes(shown.answers[split]![0].outcomes), split, shown.name)
  );
  return {
    data: dataset.name,
    ...target !== "class" && { target },
    seeds: [...seeds],
    rows: Object.fromEntries(splits.map((split) => [split, systems[0].answers[split]![0].ids.length])),
    systems: results,
    best,
    gains: comparisons.filter(({ recipe, against }) => recipe === best && isControl(against))
      .map((comparison) => gainOf(comparison, metric)),
    comparisons: compared.flatMap(({ comparisons }) => comparisons),
    ...undefinedFor.length > 0 && { incomparable: undefinedFor },
    ...notes.length > 0 && { notes },
  };
}

/** Returns a comparison with a control as a gain, which is beyond chance if its interval excludes 0. */
function gainOf({ recipe: _, p_holm: _adjusted, ...gain }: RecipeComparison, metric: Metric): Gain {
  const [low, high] = gain.interval_95;
  return { ...gain, beyond_chance: metric.higherIsBetter ? low > 0 : high < 0 };
}

/** Returns the main metric of a kind of target. */
export const headlineIn = (target: TargetKind = "class"): Metric =>
  metricNamed(KINDS[target].headline, "the kind of target");

/** Returns whether a value is better than another. An undefined value is never better. */
const isBetter = ({ higherIsBetter }: Metric, value?: number, other?: number): boolean =>
  value !== undefined && (other === undefined || (higherIsBetter ? value > other : value < other));

function measure(answers: readonly Answers[], target: TargetKind): Measured {
  const perSeed = answers.map(({ outcomes }) => metricsOfOutcomes(outcomes));
  return Object.fromEntries(
    headlineMetrics(target).flatMap(({ id }) => {
      const values = perSeed.flatMap((metrics) => metricValue(metrics, id) ?? []);
      return values.length === perSeed.length ? [[id, { ...spread(values), values }]] : [];
    }),
  );
}

/** Returns mean and deviation over seeds of each class's scores. */
function measureClasses(answers: readonly Answers[]): ClassSpread[] {
  const perSeed = answers.flatMap(({ outcomes }) => {
    const metrics = metricsOfOutcomes(outcomes);
    return areClasses(metrics) ? [metrics.per_class] : [];
  });
  return (perSeed[0] ?? []).map(({ label, support }, c) => ({
    label,
    support,
    recall: spread(perSeed.map((classes) => classes[c].recall)),
    f1: spread(perSeed.map((classes) => classes[c].f1)),
  }));
}
