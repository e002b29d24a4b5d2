/** What each kind of target means for evaluation: its answers, loss, outcomes, main metric and control. */
import { UndertoneError } from "../errors.ts";
import type { Target, TargetKind, VectorKind } from "../target.ts";
import { argmax, nllOfLogits, softmax } from "./calibration.ts";
import { majorityControl } from "./majority.ts";
import { classOutcomes, type Outcomes, vectorOutcomes } from "./target.ts";

type Logits = readonly ArrayLike<number>[];
type Answers = readonly (readonly number[])[];

/** One kind of target. */
export interface Kind {
  /** Returns the answers `[N][C]` of logits: probabilities, or values. */
  answers(logits: Logits): number[][];
  /** Returns the mean loss of logits, which the curves show for dev. Null if it is infinite. */
  loss(truth: readonly Target[], logits: Logits): number | null;
  /** Returns what metrics compare. Throws UndertoneError if a target has another kind. */
  outcomes(truth: readonly Target[], answers: Answers, labels: readonly string[]): Outcomes;
  /** The metric that chooses the best epoch, unless `--select` names one. */
  select: string;
  /** The metric that is shown first, with its interval. */
  headline: string;
  /** The control that needs no model: it gives every row the same answer, from the targets of train. */
  control: {
    name: string;
    outcomes(train: readonly Target[], truth: readonly Target[], labels: readonly string[]): Outcomes;
  };
}

const vectorKind = (
  kind: VectorKind,
  rest: Pick<Kind, "answers" | "select" | "headline"> & {
    /** Loss of one row. */
    loss(truth: readonly number[], logits: ArrayLike<number>): number;
  },
): Kind => {
  const outcomes: Kind["outcomes"] = (truth, answers, labels) =>
    vectorOutcomes(kind, vectorsOf(truth, kind), answers, labels);
  return {
    ...rest,
    loss(truth, logits) {
      const rows = vectorsOf(truth, kind);
      const mean = rows.reduce((sum, row, i) => sum + rest.loss(row, logits[i]), 0) / rows.length;
      return Number.isFinite(mean) ? mean : null;
    },
    outcomes,
    control: {
      name: "mean",
      outcomes(train, truth, labels) {
        const rows = vectorsOf(train, kind);
        const mean = labels.map((_, c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length);
        return outcomes(truth, truth.map(() => mean), labels);
      },
    },
  };
};

/** The kinds of target. */
export const KINDS: Readonly<Record<TargetKind, Kind>> = {
  class: {
    answers: (logits) => softmax(logits),
    loss: (truth, logits) => nllOfLogits(classesOf(truth), logits),
    outcomes: (truth, answers, labels) =>
      classOutcomes(classesOf(truth), answers.map(argmax), labels, answers),
    select: "macro_f1",
    headline: "weighted_f1",
    control: {
      name: "majority",
      outcomes: (train, truth, labels) => majorityControl(classesOf(train), classesOf(truth), labels),
    },
  },
  distribution: vectorKind("distribution", {
    answers: (logits) => softmax(logits),
    loss: crossEntropyOfRow,
    select: "kl",
    headline: "kl",
  }),
  labels: vectorKind("labels", {
    answers: (logits) => logits.map((row) => Array.from(row, sigmoid)),
    loss: (truth, logits) =>
      truth.reduce((sum, is, c) => sum + softplus(logits[c]) - is * logits[c], 0) / truth.length,
    select: "macro_f1",
    headline: "weighted_f1",
  }),
  values: vectorKind("values", {
    answers: (logits) => logits.map((row) => Array.from(row)),
    loss: (truth, logits) => truth.reduce((sum, t, c) => sum + (t - logits[c]) ** 2, 0) / truth.length,
    select: "ccc",
    headline: "ccc",
  }),
};

/** Returns the classes of targets. */
export const classesOf = (targets: readonly Target[]): number[] =>
  targets.map((target) => target.kind === "class" ? target.value : otherKind(target, "class"));

/** Returns the numbers of targets of one kind. */
export const vectorsOf = (targets: readonly Target[], kind: VectorKind): (readonly number[])[] =>
  targets.map((target) => target.kind === kind ? target.value : otherKind(target, kind));

function otherKind({ kind }: Target, wanted: TargetKind): never {
  throw new UndertoneError(`A target of the kind '${kind}' came where all are '${wanted}'.`, "internal");
}

const sigmoid = (x: number): number => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Cross-entropy with a true distribution: the logarithm of sum of exp, minus the expected logit. */
function crossEntropyOfRow(truth: readonly number[], logits: ArrayLike<number>): number {
  const top = logits[argmax(logits)];
  const rest = Array.from(logits).reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  return truth.reduce((sum, t, c) => sum + t * (top + Math.log(rest) - logits[c]), 0);
}
