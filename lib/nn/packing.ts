/**
 * Packed states: the real states of all rows one after the other, without the padding between them. Layers
 * that treat each state by itself compute less on them; attention and convolutions take them padded.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  currentEngine,
  type Feed,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from "../compute/mod.ts";

/** Which states of a padded batch `[B,L]` are packed. A type, so that it may stand among inputs. */
export type Packing = {
  /**
   * Positions in `[B*L]` of the packed states, int32 `[N]`: all real ones, the first of each row, and padding
   * that fills up N.
   */
  kept: Tensor1D;
  /**
   * For each position in `[B*L]`, its place among the packed states, int32. One that is not kept has that of
   * the last one kept before it. This is of its own row: a state that is not finite must not reach another
   * row.
   */
  places: Tensor1D;
};

/** Least step of N. */
const STEP = 16;

/** Returns N for so many states: in steps of an eighth to a quarter of it, so that few shapes occur. */
const roomFor = (needed: number): number => {
  const step = Math.max(STEP, 2 ** Math.floor(Math.log2(Math.max(1, needed))) / 4);
  return Math.max(1, Math.ceil(needed / step)) * step;
};

/**
 * Returns the `Packing` of a mask of rows of this length, `[B,L]`, as inputs. Returns none on a device, where
 * each new shape is compiled and padding costs little.
 */
export function packingOf(mask: ArrayLike<number>, length: number): Feed {
  if (currentEngine().memory === "device") return {};
  const isNeeded = (position: number) => mask[position] > 0 || position % length === 0;
  let needed = 0;
  for (let position = 0; position < mask.length; position++) if (isNeeded(position)) needed++;
  const count = Math.min(mask.length, roomFor(needed));
  const kept = new Int32Array(count), places = new Int32Array(mask.length);
  for (let position = 0, place = 0, spare = count - needed; position < mask.length; position++) {
    if (isNeeded(position) || spare-- > 0) kept[place++] = position;
    places[position] = place - 1;
  }
  return {
    kept: { data: kept, shape: [count] },
    places: { data: places, shape: [mask.length] },
  };
}

/** Packs states `[B,L,D]` to `[1,N,D]`. `mask` `[B,L]` is that of the packing: padding has no gradient. */
export const packed = (states: Tensor3D, packing: Packing, mask: Tensor2D): Tensor3D =>
  tf.customGrad((x) => ({
    value: rowsOf(x as Tensor, packing.kept),
    gradFunc: (dy: Tensor) => tf.mul(spread(dy, packing.places, mask), tf.expandDims(mask, 2)),
  }))(states) as Tensor3D;

/**
 * Unpacks states `[1,N,D]` to `[B,L,D]`. Values at padding are meaningless, and nothing may depend on them:
 * their gradient is left out.
 */
export const unpacked = (states: Tensor3D, packing: Packing, mask: Tensor2D): Tensor3D =>
  tf.customGrad((x) => ({
    value: spread(x as Tensor, packing.places, mask),
    gradFunc: (dy: Tensor) => rowsOf(dy, packing.kept),
  }))(states) as Tensor3D;

const rowsOf = (x: Tensor, kept: Tensor1D): Tensor3D => {
  const [batch, length, width] = x.shape as Tensor3D["shape"];
  return tf.expandDims(tf.gather(tf.reshape(x, [batch * length, width]), kept), 0);
};

const spread = (x: Tensor, places: Tensor1D, { shape: [batch, length] }: Tensor2D): Tensor3D => {
  const [, count, width] = x.shape as Tensor3D["shape"];
  return tf.reshape(tf.gather(tf.reshape(x, [count, width]), places), [batch, length, width]);
};
