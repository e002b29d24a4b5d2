/** How sure a model is of a split: calibration, conformal sets and selective prediction, fitted on dev. */
import { type Calibration, calibration, softmax, temperature } from "./calibration.ts";
import {
  type ConformalRule,
  conformalRule,
  conformalSets,
  fewestRows,
  requireCoverage,
  type SetScore,
  type SetScores,
  setScores,
} from "./conformal.ts";
import { reliability, type ReliabilityBin } from "./reliability.ts";
import { type RiskCoverage, riskCoverage } from "./selective.ts";

/** Rows with their true classes `[N]` and probabilities `[N,C]`. */
export interface JudgedRows {
  /** Index of the true class of each row. */
  truth: readonly number[];
  /** Probability of each class, row by row. */
  probabilities: readonly (readonly number[])[];
}

/** Options of a certainty. */
export interface CertaintyOptions {
  /** Share of rows whose set holds the true class. Default 0.9. */
  coverage?: number;
  /** The score behind the sets. Default `lac`, which gives the smallest sets on average. */
  score?: SetScore;
  /** Number of bins of confidence. Default 15. */
  bins?: number;
}

/** Calibration scores with the bins of a reliability diagram. */
export interface BinnedCalibration extends Calibration {
  /** Confidence and accuracy of rows by their confidence. */
  bins: ReliabilityBin[];
}

/** What dev says about a model's probabilities: the temperature, and the rule of the sets. */
export interface Calibrator {
  /** The temperature by which logits are divided. */
  temperature: number;
  /** Number of dev rows. */
  rows: number;
  /** The rule of conformal sets; absent if dev has too few rows. */
  rule?: ConformalRule;
}

/** How sure a model is of the rows of a split. */
export interface Certainty {
  /** Number of rows. */
  n: number;
  /** The temperature and the rule, both fitted on dev. */
  calibrator: Calibrator;
  /** Calibration of the model's own probabilities. */
  before: BinnedCalibration;
  /** Calibration after temperature scaling. */
  after: BinnedCalibration;
  /** Conformal sets of the scaled probabilities; absent if dev has too few rows to fit them. */
  sets?: SetScores;
  /** Errors among the surest rows, by scaled probability. */
  selective: RiskCoverage;
  /** What a reader of the figures must know. */
  notes: string[];
}

/**
 * Fits temperature and sets to rows that the model was not trained on. Throws UndertoneError if there are no
 * rows, or a coverage is not between 0 and 1.
 */
export function fitCalibrator(dev: JudgedRows, { coverage = 0.9, score }: CertaintyOptions = {}): Calibrator {
  requireCoverage(coverage);
  const fitted = temperature(dev.truth, logitsOf(dev.probabilities)), rows = dev.truth.length;
  if (rows < fewestRows(coverage)) return { temperature: fitted, rows };
  const rule = conformalRule(dev.truth, scaled(dev.probabilities, fitted), { coverage, score });
  return { temperature: fitted, rows, rule };
}

/**
 * Measures how sure a model is of the rows of a split. Temperature and sets are fitted on `dev`, which may be
 * the same rows: then the figures are too good, and a note says so. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { certaintyOf } from "@undertone/undertone";
 *
 * const dev = { truth: [0, 1, 1], probabilities: [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]] };
 * const test = { truth: [0, 1], probabilities: [[0.8, 0.2], [0.7, 0.3]] };
 * const { calibrator, before, after } = certaintyOf(test, dev, ["joy", "anger"]);
 * console.log(calibrator.temperature, before.ece, after.ece);
 * ```
 */
export function certaintyOf(
  rows: JudgedRows,
  dev: JudgedRows,
  labels: readonly string[],
  options: CertaintyOptions = {},
): Certainty {
  const { coverage = 0.9, bins } = options, calibrator = fitCalibrator(dev, options), { rule } = calibrator;
  const after = scaled(rows.probabilities, calibrator.temperature);
  const binned = (probabilities: JudgedRows["probabilities"]): BinnedCalibration => ({
    ...calibration(rows.truth, probabilities),
    bins: reliability(rows.truth, probabilities, bins),
  });
  return {
    n: rows.truth.length,
    calibrator,
    before: binned(rows.probabilities),
    after: binned(after),
    ...rule && { sets: setScores(rows.truth, conformalSets(after, rule), labels) },
    selective: riskCoverage(rows.truth, after),
    notes: [
      ...rows === dev
        ? ["Temperature and sets are fitted on these very rows, so they do better here than on new rows."]
        : [],
      ...rule ? [] : [
        `Dev has ${dev.truth.length} rows. Sets at ${Math.round(coverage * 1e4) / 100} % need at least ` +
        `${fewestRows(coverage)}.`,
      ],
      ...boundNotes(dev),
      ...zeroNotes([...new Set([rows, dev])].flatMap(({ probabilities }) => probabilities)),
    ],
  };
}

/** Returns the probabilities after temperature scaling. */
export const scaled = (probabilities: JudgedRows["probabilities"], temperature: number): number[][] =>
  softmax(logitsOf(probabilities), temperature);

/** The smallest probability that files of earlier versions hold: they have six decimals. */
const SMALLEST = 1e-6;

/**
 * Returns logits of which the probabilities are the softmax. A probability of 0 was rounded: half of the
 * smallest positive one takes its place, so that the order stays.
 */
const logitsOf = (probabilities: JudgedRows["probabilities"]): number[][] =>
  probabilities.map((row) => {
    const least = Math.min(SMALLEST, ...row.filter((p) => p > 0)) / 2;
    return row.map((p) => Math.log(p > 0 ? p : least));
  });

/** Says how many rows have a rounded probability. */
function zeroNotes(rows: JudgedRows["probabilities"]): string[] {
  const rounded = rows.filter((row) => row.includes(0)).length;
  return rounded === 0 ? [] : [
    `${rounded} rows have probabilities that were rounded to 0. Half of the smallest kept one stands for them.`,
  ];
}

/** Says if dev can't tell the temperature: all of its rows are right, and the surer the better. */
const boundNotes = ({ truth, probabilities }: JudgedRows): string[] =>
  probabilities.every((row, i) => row.every((p, c) => c === truth[i] || p < row[truth[i]]))
    ? ["Every dev row is right, so dev can't tell the temperature: the sharpest one was taken."]
    : [];
