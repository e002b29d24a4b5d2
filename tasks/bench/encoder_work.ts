/** The work of a case on an encoder: rows in batches, and the tensors that PyTorch gets of them. */
import { random } from "../../lib/random.ts";
import type { PytorchTensor } from "./case.ts";
import { type Config, type EncoderKind, randomWeights, type Row } from "./encoder_models.ts";

/**
 * An encoder and the work of a round: `batches` batches of `rows` rows of up to `length` tokens or samples.
 */
export interface Work {
  kind: EncoderKind;
  config: Config;
  batches: number;
  rows: number;
  length: number;
  /** Parameters under these prefixes are frozen. */
  frozen?: readonly string[];
}

/** Classes of the head. */
export const CLASSES = 7;
/** Seed of weights; rows have the next one. */
export const SEED = 1;

/** Returns the names and shapes of the parameters of an encoder and its head. */
export const shapesOf = ({ kind, config }: Work) => ({
  ...kind.shapes(config),
  "classifier.weight": [CLASSES, config.hidden_size as number],
  "classifier.bias": [CLASSES],
});

/** Returns the preprocessing of rows, which are inputs already. */
export const preprocessOf = ({ kind, config }: Work) => ({
  rowOf: (row: ArrayLike<number>) => row,
  batchSize: kind.batchSize,
  statesOf: (row: ArrayLike<number>) => row.length,
  pad: (rows: readonly ArrayLike<number>[]) => kind.pad(rows as Row[], config),
  passOf: kind.passOf && ((row: ArrayLike<number>) => kind.passOf!(row as Row, config)),
});

/** Returns the rows of a round in batches, with labels. */
export function batchesOf({ kind, batches, rows, length }: Work) {
  const draw = random(SEED + 1);
  return Array.from({ length: batches }, () => ({
    rows: Array.from({ length: rows }, () => kind.row(length, draw)),
    labels: Int32Array.from({ length: rows }, () => draw.integer(CLASSES)),
  }));
}

/** Returns the initial parameters of both sides. */
export const parametersOf = (work: Work): PytorchTensor[] =>
  Object.entries(randomWeights(shapesOf(work), SEED)).map(([name, { shape, data }]) => ({
    name: `param.${name}`,
    shape,
    parts: [data as Float32Array<ArrayBuffer>],
  }));

/** Returns the rows of all batches, one behind the other, and their lengths. */
export const rowsOf = (rows: readonly Row[]): PytorchTensor[] => [
  { name: "rows", shape: [rows.reduce((sum, { length }) => sum + length, 0)], parts: rows },
  { name: "lengths", shape: [rows.length], parts: [Int32Array.from(rows, ({ length }) => length)] },
];
