import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Variable } from "../tensors.ts";
import type { Variables } from "../feed.ts";

/** One lookup of a step in an embedding table. */
export interface Lookup {
  table: Tensor;
  /** Row indices, int32 `[...]`. */
  ids: Tensor;
  /** The rows found, `[..., D]`. They are a leaf of the gradient tape: gradients end here. */
  rows: Tensor;
}

/** The observer of lookups, and the tables that it observes. */
let listener: { tables: readonly Tensor[]; heard: (lookup: Lookup) => void } | undefined;

/**
 * Looks up rows of a table `[N,D]` by int32 ids `[...]`, as `nn.Embedding`. Returns `[...,D]`.
 *
 * Inside `gradientsOf`, a lookup yields the gradient of the rows found, and none of the table. The table's
 * gradient would be almost all zeros: a batch may read 300 rows of 30,000.
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
  const rows = tf.gather(detached(table), ids);
  listener.heard({ table, ids: tf.keep(tf.clone(ids)), rows });
  return rows;
}

/** Returns a tensor with the same storage that is not on the gradient tape: no gradient passes through it. */
export function detached({ dataId, shape, dtype }: Tensor): Tensor {
  tf.backend().incRef(dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}

/**
 * Returns the value of `f` and its gradients for the variables. For a variable that `embedding` reads,
 * returns the gradients of the rows found instead.
 */
export function gradientsOf(f: () => Scalar, variables: readonly Variable[]): {
  value: Scalar;
  /**
   * Gradients in the order of the variables; undefined for a variable that `f` does not use, or uses in
   * lookups only.
   */
  gradients: (Tensor | undefined)[];
  /**
   * One entry per lookup: index of the variable, ids, and gradient of the rows. The caller disposes the ids.
   */
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

/** Returns those variables that `gradientsOf` differentiates; outside of it, returns all. */
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
