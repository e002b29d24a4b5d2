/** Puts the answers of all folds together: by fold, pooled, and by group. */
import type { AblateConfig, AblationCell } from "../../config/mod.ts";
import { cellPath, labelMapOf } from "../../config/mod.ts";
import { type Dataset, targetsIn, type Utterance } from "../../data/mod.ts";
import {
  absentNotes,
  estimate,
  groupMetrics,
  headlineMetrics,
  holm,
  KINDS,
  type Metric,
  metricNamed,
  metricsOfOutcomes,
  metricValue,
  pairedBootstrapOf,
  resampleClusters,
  resampled,
  type Scores,
  spread,
  type Units,
  valueOf,
} from "../../eval/mod.ts";
import { distinctPairs, type Pair } from "../ablation/comparisons.ts";
import type { Measured } from "../ablation/table.ts";
import { groupScores } from "../groups.ts";
import type { Durations } from "../durations.ts";
import { readDurations, readPredictions } from "../predictions.ts";
import { runFolder } from "../run_folder.ts";
import { outcomesOf, RESAMPLES, type ScoredRow } from "../scored.ts";
import { unitsOf } from "../units.ts";
import type { FoldScores, FoldsGain, FoldsResults, FoldsSystem, PlannedFold } from "./results.ts";

/** The answers of one system in one fold, one list for each seed. */
interface SystemAnswers {
  name: string;
  method?: string;
  control: boolean;
  /** Scores on dev by seed; absent for the control without a model. */
  dev?: readonly Scores[];
  /** Answers to the test rows by seed; absent if they were not read. */
  test?: readonly (readonly ScoredRow[])[];
}

/** The answers of all systems in one fold. */
export interface FoldAnswers {
  fold: PlannedFold;
  dataset: Dataset;
  systems: readonly SystemAnswers[];
  /** Length of each clip that a system reads. */
  seconds: Durations;
}

/** Reads the answers of a fold's cells, and adds the control without a model. */
export async function readAnswers(
  fold: PlannedFold,
  cells: readonly AblationCell[],
  dev: ReadonlyMap<string, Scores>,
  dataset: Dataset,
  tested: boolean,
): Promise<FoldAnswers> {
  const seconds = new Map<string, number>();
  const read = async (cell: AblationCell) => {
    const path = runFolder(cellPath(cell)).predictions("test"), csv = await Deno.readTextFile(path);
    for (const [id, length] of readDurations(csv, path)) if (!seconds.has(id)) seconds.set(id, length);
    return readPredictions(csv, dataset, path);
  };
  const systems = await Promise.all(
    [...Map.groupBy(cells, ({ recipe }) => recipe)].map(async ([name, own]): Promise<SystemAnswers> => ({
      name,
      method: own[0].config.method,
      control: own[0].control,
      dev: own.map(({ id }) => dev.get(id)!),
      test: tested ? await Promise.all(own.map(read)) : undefined,
    })),
  );
  const constant: SystemAnswers = {
    name: KINDS[dataset.target].control.name,
    control: true,
    test: systems[0].test?.map((rows) => constantAnswers(rows, dataset)),
  };
  return { fold, dataset, systems: [constant, ...systems], seconds };
}

/** Returns the answers of the control without a model: the majority or the mean of the training rows. */
function constantAnswers(rows: readonly ScoredRow[], dataset: Dataset): ScoredRow[] {
  const { target: kind, labels } = dataset, targetOf = targetsIn(dataset);
  const train = dataset.rows.filter(({ split }) => split === "train").flatMap((row) => targetOf(row) ?? []);
  const outcomes = KINDS[kind].control.outcomes(train, [rows[0].target], labels);
  const answer = outcomes.kind === "class"
    ? labels.map((_, c) => Number(c === outcomes.predicted[0]))
    : [...outcomes.predicted[0]];
  return rows.map((row) => ({ ...row, answer }));
}

/** Summarises all folds. */
export function summariseFolds(answers: readonly FoldAnswers[], config: AblateConfig): FoldsResults {
  const [{ dataset }] = answers, { target, labels } = dataset;
  const rowsOf = new Map(
    answers.flatMap(({ dataset }) => dataset.rows).map((row) => [row.id, row]),
  );
  const metrics = headlineMetrics(target), context = { rowsOf, dataset, metrics };
  const systems = answers[0].systems.map(({ name, method, control }, s): FoldsSystem => {
    const own = answers.map(({ systems }) => systems[s]);
    const folds = own.flatMap(({ test }, f) =>
      test ? [{ fold: answers[f].fold.number, ...scoresOf(test, context) }] : []
    );
    const over = metrics.flatMap(({ id }) => {
      const values = folds.flatMap(({ metrics }) => metrics[id]?.mean ?? []);
      return values.length > 0 && values.length === folds.length ? [[id, spread(values)]] : [];
    });
    return {
      name,
      method,
      control,
      ...own[0].dev && { dev: devOf(own.map(({ dev }) => dev!), metrics) },
      ...folds.length > 0 && { pooled: scoresOf(pooled(own), context) },
      folds,
      over_folds: Object.fromEntries(over),
    };
  });
  const best = bestOf(systems, metricNamed(KINDS[target].headline, "the kind of target"));
  const chosen = systems.findIndex(({ name }) => name === best);
  const answered = answers[0].systems[chosen]?.test
    ? pooled(answers.map(({ systems }) => systems[chosen])).flat()
    : undefined;
  const whole = { ...dataset, rows: [...rowsOf.values()] };
  return {
    data: dataset.name,
    protocol: config.protocol,
    ...target !== "class" && { target },
    ...labelMapOf(config),
    seeds: [...new Set(config.seeds)],
    folds: answers.map(({ fold }) => fold),
    ...answered && { units: { by: systems[chosen].pooled!.by, clusters: systems[chosen].pooled!.clusters } },
    systems,
    best,
    gains: answered ? gainsOf(answers, pairsOf(systems, best!, config), context) : [],
    groups: answered
      ? groupScores(["all"], answered, whole, new Map(answers.flatMap(({ seconds }) => [...seconds])))
      : [],
    notes: answered
      ? [
        ...absentNotes(metricsOfOutcomes(outcomesOf(answered, { target, labels })), "test"),
        ...untestedNotes(answers, labels),
      ]
      : [],
  };
}

/** Says which folds test no row of a class, since their macro F1 counts it as 0. */
function untestedNotes(answers: readonly FoldAnswers[], labels: readonly string[]): string[] {
  const lacking = answers.flatMap(({ fold, systems: [{ test }] }) => {
    const found = new Set(test![0].flatMap(({ target }) => target.kind === "class" ? [target.value] : []));
    const absent = found.size === 0 ? [] : labels.filter((_, c) => !found.has(c));
    return absent.length > 0 ? [`fold ${fold.number} (${absent.join(", ")})`] : [];
  });
  return lacking.length === 0 ? [] : [
    `Some folds test no row of a class, and count it as 0 in their macro F1: ${lacking.join("; ")}. ` +
    `Balanced accuracy leaves such a class out, and all folds together count it once.`,
  ];
}

interface Context {
  rowsOf: ReadonlyMap<string, Utterance>;
  dataset: Pick<Dataset, "target" | "labels">;
  metrics: readonly Metric[];
  /** The metrics with intervals. Default: those by which groups are compared. */
  estimated?: readonly Metric[];
}

/** Puts the test answers of all folds together, seed by seed. */
function pooled(folds: readonly SystemAnswers[]): ScoredRow[][] {
  return folds[0].test!.map((_, seed) => folds.flatMap(({ test }) => test![seed]));
}

/** Scores the answers of several seeds to the same rows. Intervals are those of a single run of any seed. */
export function scoresOf(
  bySeed: readonly (readonly ScoredRow[])[],
  { rowsOf, dataset, metrics, estimated = groupMetrics(dataset.target) }: Context,
): Omit<FoldScores, "fold"> {
  const perSeed = bySeed.map((rows) => metricsOfOutcomes(outcomesOf(rows, dataset)));
  const all = bySeed.flat(), units = unitsFor(all, rowsOf), outcomes = outcomesOf(all, dataset);
  return {
    n: bySeed[0].length,
    clusters: new Set(units.of).size,
    by: units.by,
    metrics: measured(perSeed.map((scores) => (id) => metricValue(scores, id)), metrics),
    estimates: Object.fromEntries(
      estimated.map((metric) => [metric.id, estimate(metric, outcomes, units)]),
    ),
  };
}

const unitsFor = (rows: readonly ScoredRow[], rowsOf: Context["rowsOf"]): Units =>
  unitsOf(rows.map(({ id }) => rowsOf.get(id)!));

/** Returns mean, deviation and values over seeds of the metrics that every seed has. */
function measured(
  seeds: readonly ((id: string) => number | null | undefined)[],
  metrics: readonly Metric[],
): Measured {
  return Object.fromEntries(metrics.flatMap(({ id }) => {
    const values = seeds.flatMap((valueOf) => valueOf(id) ?? []);
    return values.length === seeds.length ? [[id, { ...spread(values), values }]] : [];
  }));
}

/** Returns dev scores: per seed the mean over folds. */
function devOf(folds: readonly (readonly Scores[])[], metrics: readonly Metric[]): Measured {
  const seeds = folds[0].map((_, seed) => (id: string) => {
    const values = folds.flatMap((scores) => metricValue(scores[seed], id) ?? []);
    return values.length === folds.length ? spread(values).mean : undefined;
  });
  return measured(seeds, metrics);
}

/** Returns the recipe that is best on dev, a fused one if there is any. */
function bestOf(systems: readonly FoldsSystem[], { id, higherIsBetter }: Metric): string | undefined {
  const trained = systems.filter(({ dev }) => dev?.[id]), fused = trained.filter(({ control }) => !control);
  const choices = (fused.length > 0 ? fused : trained).toSorted((a, b) =>
    (higherIsBetter ? -1 : 1) * (a.dev![id].mean - b.dev![id].mean)
  );
  return choices[0]?.name;
}

/** Returns the best recipe beside each other system, then the pairs that are asked for. */
const pairsOf = (systems: readonly FoldsSystem[], best: string, { compare }: AblateConfig): Pair[] =>
  distinctPairs([
    ...systems.flatMap(({ name }): Pair[] => name === best ? [] : [[best, name]]),
    ...compare.map(([a, b]): Pair => [a, b]),
  ]);

/** Compares pairs of systems on the pooled test rows, by a paired bootstrap over units. */
function gainsOf(
  answers: readonly FoldAnswers[],
  pairs: readonly Pair[],
  { rowsOf, dataset }: Context,
): FoldsGain[] {
  const rows = new Map(answers[0].systems.map(({ name }, s) => [
    name,
    pooled(answers.map(({ systems }) => systems[s])).flat(),
  ]));
  const units = unitsFor([...rows.values()][0], rowsOf);
  const resamples = [...resampleClusters(units.of, RESAMPLES, 1)];
  return groupMetrics(dataset.target).flatMap((metric) => {
    const scores = new Map(
      [...rows].filter(([name]) => pairs.some((pair) => pair.includes(name))).map(([name, rows]) => {
        const outcomes = outcomesOf(rows, dataset);
        return [name, [valueOf(metric, outcomes), ...resampled(metric, outcomes, resamples)]];
      }),
    );
    const defined = pairs.filter((pair) => pair.every((name) => !scores.get(name)!.includes(null)));
    const measured = defined.map((pair) => {
      const [a, b] = pair.map((name) => (at?: ArrayLike<number>) => scores.get(name)![at ? at[0] : 0]!);
      return pairedBootstrapOf(a, b, resamples.map((_, i) => [i + 1]));
    });
    const adjusted = holm(measured.map(({ p }) => p));
    return measured.map(({ delta, interval_95, p }, i): FoldsGain => {
      const [recipe, against] = defined[i];
      return { recipe, against, metric: metric.id, delta, interval_95, p, p_holm: adjusted[i] };
    });
  });
}
