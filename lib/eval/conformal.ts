/**
 * Conformal prediction: sets of classes that hold the true one for a wanted share of new rows, whatever the
 * model. The rows that fit the rule and the new ones must be exchangeable: drawn in the same way, in any
 * order.
 */
import { badInput } from "../errors.ts";
import { argmax, requireProbabilities } from "./calibration.ts";
import type { Interval } from "./significance.ts";
import { wilson } from "./wilson.ts";

/**
 * How unusual a class is for a row. `lac`: 1 minus its probability (Sadinle et al. 2019), which gives the
 * smallest sets on average. `aps`: the sum of all probabilities that are at least its own, as 1 minus the
 * rest (Romano et al. 2020), which gives hard rows larger sets.
 */
export type SetScore = "lac" | "aps";

/** Returns the score of each class of a row. */
const SCORES: Readonly<Record<SetScore, (row: number[]) => number[]>> = {
  lac: (row) => row.map((p) => 1 - p),
  aps: (row) => row.map((p) => row.reduce((rest, other) => other < p ? rest - other : rest, 1)),
};

/** A rule that makes a set of classes from probabilities. */
export interface ConformalRule {
  /** Wanted share of rows whose set holds the true class. */
  coverage: number;
  /** The score of the classes. */
  score: SetScore;
  /** Largest score of a class in a set. */
  threshold: number;
  /** Number of rows that fitted the rule. */
  rows: number;
}

/** Returns the fewest rows that can fit a rule: with fewer, each set must hold all classes. */
export const fewestRows = (coverage: number): number => Math.ceil(coverage / (1 - coverage) - 1e-9);

/**
 * Fits a rule to rows that the model was not trained on: the threshold is the ceil((n + 1) coverage)-th
 * smallest score of their true classes (Angelopoulos & Bates 2021). `probabilities` are `[N,C]`, `truth` is
 * class indices `[N]`. Throws UndertoneError if there are too few rows.
 *
 * @example
 * ```ts
 * import { conformalRule, conformalSets } from "@undertone/undertone";
 *
 * const probabilities = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3], [0.4, 0.3, 0.3]];
 * const rule = conformalRule([0, 1, 2, 0], probabilities, { coverage: 0.75 });
 * const [set] = conformalSets([[0.5, 0.4, 0.1]], rule); // [0, 1]: the first or the second class
 * ```
 */
export function conformalRule(
  truth: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  { coverage = 0.9, score = "lac" }: { coverage?: number; score?: SetScore } = {},
): ConformalRule {
  requireCoverage(coverage);
  requireProbabilities(truth, probabilities);
  const rows = truth.length, rank = Math.ceil((rows + 1) * coverage - 1e-9);
  if (rank > rows) {
    throw badInput({
      expected: `at least ${fewestRows(coverage)} rows for sets at ${Math.round(coverage * 1e4) / 100} %`,
      found: `${rows}`,
      at: "the rows that fit conformal sets",
      todo: "Use more dev rows, or a lower coverage.",
    });
  }
  const scores = probabilities.map((row, i) => SCORES[score](Array.from(row))[truth[i]]);
  return { coverage, score, threshold: scores.sort((a, b) => a - b)[rank - 1], rows };
}

/** Throws UndertoneError if a coverage is not a share between 0 and 1. */
export function requireCoverage(coverage: number): void {
  if (coverage > 0 && coverage < 1) return;
  throw badInput({
    expected: "a coverage between 0 and 1",
    found: `${coverage}`,
    at: "conformal sets",
    todo: "Write 0.9 for sets that hold the true class for 90 % of rows.",
  });
}

/**
 * Returns the set of each row, as class indices from the most probable one on. The most probable class is in
 * every set, so that no set is empty.
 *
 * @example
 * ```ts
 * import { conformalSets } from "@undertone/undertone";
 *
 * const rule = { coverage: 0.9, score: "lac" as const, threshold: 0.65, rows: 100 };
 * const sets = conformalSets([[0.5, 0.4, 0.1], [0.9, 0.05, 0.05]], rule); // [[0, 1], [0]]
 * ```
 */
export function conformalSets(
  probabilities: readonly ArrayLike<number>[],
  { score, threshold }: ConformalRule,
): number[][] {
  return probabilities.map((given) => {
    const row = Array.from(given), scores = SCORES[score](row), top = argmax(row);
    return [...row.keys()].filter((c) => c === top || scores[c] <= threshold)
      .sort((a, b) => row[b] - row[a] || a - b);
  });
}

/** How sets do on rows whose class is known. */
export interface SetScores {
  /** Number of rows. */
  n: number;
  /** Share of rows whose set holds the true class. */
  coverage: number;
  /** 95 % Wilson interval of the coverage, for independent rows. */
  interval_95: Interval;
  /** Mean number of classes in a set. */
  size: number;
  /** Number of sets with one class, two classes, and so on. */
  sizes: number[];
  /** The same for the rows of each true class. */
  per_class: ClassSetScores[];
}

/** How sets do on the rows of one class. */
export interface ClassSetScores {
  /** The class. */
  label: string;
  /** Number of rows. */
  n: number;
  /** Share of rows whose set holds the class; null without rows. */
  coverage: number | null;
  /** 95 % Wilson interval of the coverage; null without rows. */
  interval_95: Interval | null;
  /** Mean number of classes in a set; null without rows. */
  size: number | null;
}

/**
 * Scores sets of rows whose class is known.
 *
 * @example
 * ```ts
 * import { setScores } from "@undertone/undertone";
 *
 * const { coverage, size } = setScores([0, 1], [[0], [0, 1]], ["joy", "anger"]); // 1 and 1.5
 * ```
 */
export function setScores(
  truth: ArrayLike<number>,
  sets: readonly (readonly number[])[],
  labels: readonly string[],
): SetScores {
  const all = scoresOf(truth, sets, [...sets.keys()]);
  return {
    ...all,
    sizes: labels.map((_, c) => sets.filter((set) => set.length === c + 1).length),
    per_class: labels.map((label, c) => {
      const rows = [...sets.keys()].filter((i) => truth[i] === c);
      return rows.length > 0
        ? { label, ...scoresOf(truth, sets, rows) }
        : { label, n: 0, coverage: null, interval_95: null, size: null };
    }),
  };
}

function scoresOf(
  truth: ArrayLike<number>,
  sets: readonly (readonly number[])[],
  rows: readonly number[],
): Pick<SetScores, "n" | "coverage" | "interval_95" | "size"> {
  const n = rows.length, held = rows.filter((i) => sets[i].includes(truth[i])).length;
  return {
    n,
    coverage: held / n,
    interval_95: wilson(held, n),
    size: rows.reduce((sum, i) => sum + sets[i].length, 0) / n,
  };
}
