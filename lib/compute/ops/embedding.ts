import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Variable } from "../tensors.ts";
import type { Variables } from "../feed.ts";

/** Rows of a table that a step looked up. */
export interface Lookup {
  table: Tensor;
  /** Which, int32 `[...]`. */
  ids: Tensor;
  /** What was found, `[..., D]`; a leaf of the tape, at which the gradient ends. */
  rows: Tensor;
}

/** Who hears of lookups, and of which tables. */
let listener: { tables: readonly Tensor[]; heard: (lookup: Lookup) => void } | undefined;

/**
 * Rows of a table `[N,D]` by int32 ids `[...]`, as `nn.Embedding`: `[...,D]`. Where lookups are heard, the gradient is that
 * of the rows found, and the table itself has none from here: a table of 30,000 rows, of which a batch reads 300, would
 * have one that is almost all zeros.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { embedding, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const table = tf.tensor2d([[0, 0], [1, 2], [3, 4]]);
 * embedding(table, tf.tensor1d([2, 1], "int32")).print(); // [[3, 4], [1, 2]]
 * ```
 */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  if (!listener?.tables.includes(table)) return tf.gather(table, ids);
  const rows = tf.gather(alias(table), ids);
  listener.heard({ table, ids: tf.keep(tf.clone(ids)), rows });
  return rows;
}

/** The same storage as a tensor that the tape does not know. */
function alias({ dataId, shape, dtype }: Tensor): Tensor {
  tf.backend().incRef(dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}

/** Value and gradients of `f` by variables; of those that `embedding` reads, by the rows that it found. */
export function gradientsOf(f: () => Scalar, variables: readonly Variable[]): {
  value: Scalar;
  /** By variable; undefined where it took no part, or by its rows alone. */
  gradients: (Tensor | undefined)[];
  /** Each lookup of a variable (by its place), its ids, and the gradient of the rows; the ids are the caller's to dispose. */
  lookups: { variable: number; ids: Tensor; gradient: Tensor }[];
} {
  const found: Lookup[] = [], leaves: Tensor[] = [...variables];
  const heard = (lookup: Lookup) => {
    found.push(lookup);
    leaves.push(lookup.rows);
  };
  const { value, grads } = tf.engine().gradients(() => hearing(variables, heard, f), leaves, undefined, true);
  const given = grads.slice(variables.length);
  return {
    value: value as Scalar,
    gradients: grads.slice(0, variables.length),
    lookups: found.map(({ table, ids }, i) => ({
      variable: variables.indexOf(table as Variable),
      ids,
      gradient: given[i],
    })),
  };
}

/** Of these variables the ones by which `gradientsOf` differentiates; all where it does not. */
export const trainedAmong = (all: Variables): Variable[] =>
  Object.values(all).filter((variable) => !listener || listener.tables.includes(variable));

function hearing<T>(tables: readonly Tensor[], heard: (lookup: Lookup) => void, work: () => T): T {
  const before = listener;
  listener = { tables, heard };
  try {
    return work();
  } finally {
    listener = before;
  }
}
