/** Targets: what a model learns to predict of a row. */

/**
 * A class (one of the names), a distribution over the classes (votes), several labels at once (each 0 or 1),
 * or continuous values (valence, arousal).
 */
export type TargetKind = "class" | "distribution" | "labels" | "values";

/** All kinds of target. */
export const TARGET_KINDS = ["class", "distribution", "labels", "values"] as const satisfies TargetKind[];

/** The kinds with one number for each name. */
export type VectorKind = Exclude<TargetKind, "class">;

/** The target of a row: the index of its class, or one number for each name, in the order of the names. */
export type Target = ClassTarget | VectorTarget;

/** The class of a row. */
export interface ClassTarget {
  /** The kind of target. */
  kind: "class";
  /** Index of the class. */
  value: number;
}

/** One number for each class, label or dimension of a row. */
export interface VectorTarget {
  /** The kind of target. */
  kind: VectorKind;
  /** Shares that sum to 1, 0 or 1 for each label, or continuous values. */
  value: readonly number[];
}

/** What the names of a data set are, by kind: "7 classes". */
export const NAMES: Readonly<Record<TargetKind, string>> = {
  class: "classes",
  distribution: "classes",
  labels: "labels",
  values: "dimensions",
};

const ONE: Readonly<Record<TargetKind, string>> = {
  class: "class",
  distribution: "class",
  labels: "label",
  values: "dimension",
};

/** Says how many names a data set has: "7 classes", "1 dimension". */
export const namesText = (kind: TargetKind, number: number): string =>
  `${number} ${(number === 1 ? ONE : NAMES)[kind]}`;
