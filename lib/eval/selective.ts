/** Selective prediction: answer only the rows of which the model is sure, and count the errors among them. */
import { argmax, requireProbabilities } from "./calibration.ts";

/** Errors among the rows of at least some confidence. */
export interface RiskPoint {
  /** Least confidence of an answered row. */
  confidence: number;
  /** Share of rows that are answered. */
  coverage: number;
  /** Share of errors among the answered rows. */
  risk: number;
}

/** Errors at each share of answered rows. */
export interface RiskCoverage {
  /** Number of rows. */
  n: number;
  /** From the surest rows to all rows. Rows of one confidence are answered together. */
  points: RiskPoint[];
  /**
   * Area under the curve (Geifman & El-Yaniv 2017): the mean risk over coverages 1/n, 2/n, … 1. Within rows
   * of one confidence, it is the mean over their orders.
   */
  aurc: number;
  /** The least possible area: that of an order in which all errors come last. */
  best_aurc: number;
}

/**
 * Returns the risk-coverage curve of probabilities `[N,C]` with true class indices `[N]`. The confidence of a
 * row is its highest probability. The order of the rows changes nothing. Throws UndertoneError if a value is
 * no probability, a true class is out of range, or there are no rows.
 *
 * @example
 * ```ts
 * import { riskAt, riskCoverage, riskCoverageFigure } from "@undertone/undertone";
 *
 * const curve = riskCoverage([0, 1, 1], [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]]);
 * console.log(riskAt(curve, 0.7)?.risk); // errors among the surest rows, at most 70 % of all
 * const { svg } = riskCoverageFigure({ dev: curve });
 * ```
 */
export function riskCoverage(
  truth: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
): RiskCoverage {
  requireProbabilities(truth, probabilities);
  const n = probabilities.length;
  const rows = probabilities.map((row, i) => {
    const top = argmax(row);
    return { confidence: row[top], wrong: Number(top !== truth[i]) };
  });
  const points: RiskPoint[] = [];
  let answered = 0, errors = 0, area = 0;
  const groups = Map.groupBy(rows, ({ confidence }) => confidence);
  for (const [confidence, tied] of [...groups].sort(([a], [b]) => b - a)) {
    const wrong = tied.reduce((sum, row) => sum + row.wrong, 0);
    for (let j = 1; j <= tied.length; j++) area += (errors + wrong * j / tied.length) / (answered + j);
    answered += tied.length;
    errors += wrong;
    points.push({ confidence, coverage: answered / n, risk: errors / answered });
  }
  return { n, points, aurc: area / n, best_aurc: bestArea(n, errors) };
}

/** Returns the area if the errors come last: their first is reached after all right rows. */
function bestArea(n: number, errors: number): number {
  let area = 0;
  for (let wrong = 1; wrong <= errors; wrong++) area += wrong / (n - errors + wrong);
  return area / n;
}

/**
 * Returns the point of a curve with the largest coverage up to `coverage`; undefined if the surest rows,
 * which share a confidence, are already more.
 *
 * @example
 * ```ts
 * import { riskAt, riskCoverage } from "@undertone/undertone";
 *
 * const point = riskAt(riskCoverage([0, 1], [[0.9, 0.1], [0.6, 0.4]]), 0.5); // the first row: no error
 * ```
 */
export const riskAt = ({ points }: Pick<RiskCoverage, "points">, coverage: number): RiskPoint | undefined =>
  points.findLast((point) => point.coverage <= coverage + 1e-9);
