import * as tf from "@tensorflow/tfjs-core";
import type { Variables } from "../feed.ts";

/** Rows of a table that a step looked up. */
export interface Lookup {
  table: tf.Tensor;
  /** Which, int32 `[...]`. */
  ids: tf.Tensor;
  /** What was found, `[..., D]`; a leaf of the tape, at which the gradient ends. */
  rows: tf.Tensor;
}

/** Who hears of lookups, and of which tables. */
let listener: { tables: readonly tf.Tensor[]; heard: (lookup: Lookup) => void } | undefined;

/**
 * Rows of a table `[N,D]` by int32 ids `[...]`, as `nn.Embedding`: `[...,D]`. Where lookups are heard, the gradient is that
 * of the rows found, and the table itself has none from here: a table of 30,000 rows, of which a batch reads 300, would
 * have one that is almost all zeros.
 */
export function embedding(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  if (!listener?.tables.includes(table)) return tf.gather(table, ids);
  const rows = tf.gather(alias(table), ids);
  listener.heard({ table, ids: tf.keep(tf.clone(ids)), rows });
  return rows;
}

/** The same storage as a tensor that the tape does not know. */
function alias({ dataId, shape, dtype }: tf.Tensor): tf.Tensor {
  tf.backend().incRef(dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}

/** Value and gradients of `f` by variables; of those that `embedding` reads, by the rows that it found. */
export function gradientsOf(f: () => tf.Scalar, variables: readonly tf.Variable[]): {
  value: tf.Scalar;
  /** By variable; undefined where it took no part, or by its rows alone. */
  gradients: (tf.Tensor | undefined)[];
  /** Each lookup of a variable (by its place), its ids, and the gradient of the rows; the ids are the caller's to dispose. */
  lookups: { variable: number; ids: tf.Tensor; gradient: tf.Tensor }[];
} {
  const found: Lookup[] = [], leaves: tf.Tensor[] = [...variables];
  const heard = (lookup: Lookup) => {
    found.push(lookup);
    leaves.push(lookup.rows);
  };
  const { value, grads } = tf.engine().gradients(() => hearing(variables, heard, f), leaves, undefined, true);
  const given = grads.slice(variables.length);
  return {
    value: value as tf.Scalar,
    gradients: grads.slice(0, variables.length),
    lookups: found.map(({ table, ids }, i) => ({
      variable: variables.indexOf(table as tf.Variable),
      ids,
      gradient: given[i],
    })),
  };
}

/** Of these variables the ones by which `gradientsOf` differentiates; all where it does not. */
export const trainedAmong = (all: Variables): tf.Variable[] =>
  Object.values(all).filter((variable) => !listener || listener.tables.includes(variable));

function hearing<T>(tables: readonly tf.Tensor[], heard: (lookup: Lookup) => void, work: () => T): T {
  const before = listener;
  listener = { tables, heard };
  try {
    return work();
  } finally {
    listener = before;
  }
}
