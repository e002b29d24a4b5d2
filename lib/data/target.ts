/** Reads and checks the targets of rows, and brings them into a model's order. */
import { badInput, nearest } from "../errors.ts";
import type { Target, TargetKind, VectorKind } from "../target.ts";
import { type Candidate, type CandidateSource, quoted } from "./sources/source.ts";
import type { Dataset, Utterance } from "./utterance.ts";

/** The target of a row that is checked; empty if it has none. */
export type RowTarget = Pick<Utterance, "label" | "target">;

/** Returns the target of a candidate, or the reason why it can't be used. */
export type TargetReader = (candidate: Candidate) => RowTarget | string;

/** What a run demands of targets. */
export interface TargetDemands {
  /** The kind, e.g. that of a checkpoint. Default: the source's. */
  target?: TargetKind;
  /** The only names allowed, e.g. those of a checkpoint. */
  labels?: readonly string[];
  /** Whether a row needs a target. */
  labelled: boolean;
}

/**
 * Returns the reader of a source's targets. Throws UndertoneError if the source has targets of another kind
 * than demanded, or lacks one of the demanded labels or dimensions.
 */
export function targetReader(
  { target: kind = "class", labels, path }: Pick<CandidateSource, "target" | "labels" | "path">,
  demands: TargetDemands,
): TargetReader {
  if (demands.labelled) requireKind(kind, demands.target, path);
  if (kind === "class") return classReader(demands.labels ?? labels, demands.labelled);
  const names = labels ?? [];
  if (demands.labelled) requireNames(names, demands.labels, path);
  return vectorReader(kind, demands.labels ?? names, demands.labelled);
}

const classReader =
  (allowed: readonly string[] | undefined, labelled: boolean): TargetReader => ({ label }) => {
    if (labelled && !label) return "no label";
    if (labelled && allowed && !allowed.includes(label!)) {
      const meant = nearest(label!, allowed);
      return `unknown label: '${label}'${meant === undefined ? "" : ` (is it '${meant}'?)`}`;
    }
    return label ? { label } : {};
  };

function vectorReader(kind: VectorKind, names: readonly string[], labelled: boolean): TargetReader {
  const read = ({ target = {} }: Candidate): RowTarget | string => {
    const cells = Object.entries(target);
    if (cells.every(([, cell]) => cell.trim() === "")) return "no target";
    const numbers = cells.map(([name, cell]) => [name, cell.trim() === "" ? NaN : Number(cell)] as const);
    const odd = numbers.findIndex(([, number]) => !Number.isFinite(number));
    if (odd >= 0) return `no number: '${cells[odd][1]}' for '${cells[odd][0]}'`;
    const checked = CHECKS[kind](numbers, names);
    if (typeof checked === "string") return checked;
    const byName = new Map(checked);
    return { target: Object.fromEntries(names.map((name) => [name, byName.get(name)!])) };
  };
  return (candidate) => {
    const found = read(candidate);
    return typeof found === "string" && !labelled ? {} : found;
  };
}

type Numbers = (readonly [name: string, number: number])[];

/** Checks the numbers of a row by kind, and scales votes. Returns the reason if they can't be used. */
const CHECKS: Record<VectorKind, (numbers: Numbers, names: readonly string[]) => Numbers | string> = {
  distribution(votes, names) {
    const negative = votes.find(([, vote]) => vote < 0);
    if (negative) return `votes below 0: ${negative[1]} for '${negative[0]}'`;
    const other = votes.find(([name, vote]) => vote > 0 && !names.includes(name));
    if (other) return `votes for an unknown label: '${other[0]}'`;
    const sum = votes.reduce((all, [, vote]) => all + vote, 0);
    if (sum === 0) return "no votes";
    return Number.isFinite(sum) ? votes.map(([name, vote]) => [name, vote / sum]) : "votes too large to add";
  },
  labels(numbers) {
    const odd = numbers.find(([, number]) => number !== 0 && number !== 1);
    return odd ? `neither 0 nor 1: ${odd[1]} for '${odd[0]}'` : numbers;
  },
  values(numbers) {
    const large = numbers.find(([, number]) => Math.abs(number) > MOST_VALUE);
    return large ? `value too large: ${large[1]} for '${large[0]}'` : numbers;
  },
};

/** The largest value whose square is finite in float32. */
const MOST_VALUE = 1e18;

/** Throws UndertoneError if targets have another kind than demanded. */
function requireKind(found: TargetKind, wanted: TargetKind | undefined, at: string): void {
  if (wanted === undefined || found === wanted) return;
  throw badInput({
    expected: `targets of the kind '${wanted}'`,
    found: `the kind '${found}'`,
    at,
    todo: `Give data with ${HOW_TO_GIVE[wanted]}.`,
  });
}

const HOW_TO_GIVE: Record<TargetKind, string> = {
  class: "the column 'label'",
  distribution: "a column 'label:<class>' for each class",
  labels: "a column 'has:<label>' for each label",
  values: "a column 'value:<dimension>' for each dimension",
};

function requireNames(
  found: readonly string[],
  wanted: readonly string[] | undefined,
  at: string,
): void {
  const missing = wanted?.filter((name) => !found.includes(name)) ?? [];
  if (missing.length === 0) return;
  throw badInput({
    expected: `targets of ${quoted(wanted!)}, as the model has them,`,
    found: `none of ${quoted(missing)}`,
    at,
    todo: "Give data with all of them.",
  });
}

/**
 * Returns the function that gives the target of each row as a model reads it, or undefined if it has none.
 */
export function targetsIn(
  { target: kind, labels }: Pick<Dataset, "target" | "labels">,
): (row: RowTarget) => Target | undefined {
  if (kind === "class") {
    const classOf = new Map(labels.map((label, index) => [label, index]));
    return ({ label }) => {
      const value = classOf.get(label ?? "");
      return value === undefined ? undefined : { kind, value };
    };
  }
  return ({ target }) =>
    target && labels.every((name) => Object.hasOwn(target, name))
      ? { kind, value: labels.map((name) => target[name]) }
      : undefined;
}
