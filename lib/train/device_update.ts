/** The update of all parameters as graph operations: gradient norm, clipping and optimiser. */
import * as tf from "@tensorflow/tfjs-core";
import type { OnDevice, Recorded } from "./device_optimizer.ts";
import { mapValues } from "./map_values.ts";

/** A parameter, its slots and its summed gradient. */
export interface Update extends OnDevice {
  name: string;
  gradient: tf.Tensor;
  /** The numbers of its update, and of which group of equal numbers they are. */
  numbers: Readonly<Record<string, tf.Tensor>>;
  group: number;
}

/** Parameters that are updated by the same operations, as one tensor. */
interface Unit extends OnDevice {
  members: readonly Update[];
  gradient: tf.Tensor;
}

/** Factors on the summed gradients: `share` makes them a mean, `clip` bounds its norm if given. */
export interface Factors {
  share: tf.Tensor;
  clip?: tf.Tensor;
}

/**
 * Returns each parameter and its slots after an update, and the norm of the mean gradient. Vectors of equal
 * numbers (biases and norms, of which a model has many) are updated as one: a device starts an operation in
 * the time in which it computes thousands of values.
 */
export function updateAll(
  updates: readonly Update[],
  { update }: Pick<Recorded, "update">,
  { share, clip }: Factors,
): { norm: tf.Tensor; after: Record<string, OnDevice> } {
  const units = unitsOf(updates);
  const norm = tf.mul(globalNorm(units.map(({ gradient }) => gradient)), share);
  const scale = clip ? tf.mul(clipFactor(norm, clip), share) : share;
  const after: Record<string, OnDevice> = {};
  for (const { members, gradient, ...before } of units) {
    const { value, slots } = update(before, gradient, members[0].numbers, scale);
    const values = divided(value, members), divisions = mapValues(slots, (slot) => divided(slot, members));
    members.forEach(({ name }, i) => {
      after[name] = { value: values[i], slots: mapValues(divisions, (parts) => parts[i]) };
    });
  }
  return { norm, after };
}

function unitsOf(updates: readonly Update[]): Unit[] {
  const [vectors, others] = [true, false].map((are) =>
    updates.filter(({ value }) => (value.rank === 1) === are)
  );
  return [
    ...others.map((update) => ({ ...update, members: [update] })),
    ...[...Map.groupBy(vectors, ({ group }) => group).values()].map((members) => ({
      members,
      value: joined(members.map(({ value }) => value)),
      slots: mapValues(members[0].slots, (_, slot) => joined(members.map(({ slots }) => slots[slot]))),
      gradient: joined(members.map(({ gradient }) => gradient)),
    })),
  ];
}

const joined = (vectors: tf.Tensor[]): tf.Tensor => vectors.length === 1 ? vectors[0] : tf.concat(vectors);

/** Returns the parts of a unit's tensor that belong to its members. */
const divided = (tensor: tf.Tensor, members: readonly Update[]): tf.Tensor[] =>
  members.length === 1 ? [tensor] : tf.split(tensor, members.map(({ value }) => value.size));

/**
 * Returns the L2 norm over all gradients: sqrt(Σ g²). It sums within each row first, because a device sums
 * many rows at a time.
 */
function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  const squares = gradients.map((gradient) => {
    const each = tf.square(gradient);
    return tf.sum(each.rank > 1 ? tf.sum(each, -1) : each);
  });
  return tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square), tf.scalar(0)));
}

/** Returns min(1, clip / (norm + 1e-6)). */
const clipFactor = (norm: tf.Tensor, clip: tf.Tensor): tf.Tensor =>
  tf.minimum(tf.div(clip, tf.add(norm, 1e-6)), 1);
