/** Pairs runs by their answers to the same rows, and tests whether they differ by more than chance. */
import {
  type ClassOutcomes,
  groupMetrics,
  holm,
  type McNemar,
  mcnemar,
  type Metric,
  type Outcomes,
  type PairedBootstrap,
  pairedBootstrapOf,
  resampleClusters,
  resampled,
  type Units,
  valueOf,
} from "../../eval/mod.ts";
import type { Split } from "../../data/mod.ts";
import { outcomesOf, RESAMPLES } from "../scored.ts";
import { type UnitKind, unitsOf } from "../units.ts";
import type { Answered, Material } from "./material.ts";
import { aligned, whyNot } from "./same_rows.ts";
import { utterancesOf } from "./result_sections.ts";

/** The difference of a metric between two runs on the same rows, drawn by rows or by clusters of rows. */
export interface PairedTest extends PairedBootstrap {
  a: string;
  b: string;
  metric: Metric;
  /** The resampled unit, and how many there are. */
  by: UnitKind;
  units: number;
  /** The p-value adjusted by Holm's method over all pairs, for this metric and this unit. */
  p_holm: number;
}

/** McNemar's test of the rows that one of two runs gets right. */
export interface PairedCounts extends McNemar {
  a: string;
  b: string;
  /** Number of rows. */
  n: number;
  /** The p-value adjusted by Holm's method over all pairs. */
  p_holm: number;
}

/** The pairs of runs on a split. */
export interface Pairs {
  split: Split;
  /** The run that all others are compared with; absent if every pair is compared. */
  first?: string;
  tests: PairedTest[];
  counts: PairedCounts[];
  /** Why pairs can't be compared, in sentences. */
  refused: string[];
}

/** Above so many runs, each is compared with the first one alone. */
const ALL_PAIRS = 5;

/** Compares the runs that have answers to a split. */
export function pairRuns(runs: readonly Material[], split: Split): Pairs {
  const able = runs.flatMap((run) => {
    const answered = run.answered.find((each) => each.split === split);
    return answered?.rows.length ? [{ run, answered }] : [];
  });
  const isMany = able.length > ALL_PAIRS;
  const pairs = able.flatMap((a, i) =>
    able.slice(i + 1).flatMap((b) => !isMany || i === 0 ? [[a, b] as const] : [])
  );
  const refused: string[] = [], tests: Omit<PairedTest, "p_holm">[] = [];
  const counts: Omit<PairedCounts, "p_holm">[] = [];
  for (const [a, b] of pairs) {
    const why = whyNot(a, b, split);
    if (why) {
      refused.push(why);
      continue;
    }
    const names = { a: a.run.name, b: b.run.name };
    const ours = outcomesOf(a.answered.rows, a.run), theirs = outcomesOf(aligned(a, b), a.run);
    const units = unitsFor(a.answered);
    for (const metric of groupMetrics(a.run.target)) {
      for (const each of units) {
        const test = compared(metric, ours, theirs, each);
        if (test) tests.push({ ...names, metric, by: each.by, units: new Set(each.of).size, ...test });
        else {refused.push(
            `${metric.label} of ${names.a} and ${names.b} is undefined on a resample by ${each.by}.`,
          );}
      }
    }
    if (ours.kind === "class") {
      const { truth, predicted } = ours, other = (theirs as ClassOutcomes).predicted;
      counts.push({ ...names, n: truth.length, ...mcnemar(truth, predicted, other) });
    }
  }
  const families = Map.groupBy(tests, ({ metric, by }) => `${metric.id} ${by}`).values();
  return {
    split,
    ...isMany && { first: able[0].run.name },
    tests: [...families].flatMap(adjusted),
    counts: adjusted(counts),
    refused,
  };
}

/** Returns rows as units, and the clusters of rows whose answers depend on each other if there are some. */
function unitsFor({ rows, split }: Answered): Units<UnitKind>[] {
  const clusters = unitsOf(utterancesOf(rows, split)),
    alone = { by: "row" as const, of: rows.map(({ id }) => id) };
  return clusters.by === "row" ? [alone] : [alone, clusters];
}

/** Scores both on the same resamples; undefined if a resample has no value. */
function compared(
  metric: Metric,
  ours: Outcomes,
  theirs: Outcomes,
  { of }: Units<UnitKind>,
): PairedBootstrap | undefined {
  const resamples = [...resampleClusters(of, RESAMPLES, 1)];
  const [a, b] = [ours, theirs].map((outcomes) => ({
    whole: valueOf(metric, outcomes),
    drawn: resampled(metric, outcomes, resamples),
  }));
  if ([a.whole, b.whole, ...a.drawn, ...b.drawn].includes(null)) return undefined;
  const at = ({ whole, drawn }: typeof a) => (draw?: ArrayLike<number>) => (draw ? drawn[draw[0]] : whole)!;
  return pairedBootstrapOf(at(a), at(b), Array.from({ length: RESAMPLES }, (_, i) => [i]));
}

function adjusted<T extends { p: number }>(tests: readonly T[]): (T & { p_holm: number })[] {
  const p = holm(tests.map(({ p }) => p));
  return tests.map((test, i) => ({ ...test, p_holm: p[i] }));
}
