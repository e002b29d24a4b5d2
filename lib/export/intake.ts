/** How one modality comes into an exported graph: as an encoder in it hears or reads it, or as hidden states. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed, HostTensor } from "../compute/mod.ts";
import { dropoutKeys, type ForwardContext } from "../nn/mod.ts";
import type { Modality, Standardizer } from "../data/mod.ts";
import type { Row } from "../encoders/mod.ts";
import type { Port } from "./graph.ts";

/** Inputs by the names of their ports, as the engine has them: int32 for int64. */
export type Inputs = Readonly<Record<string, tf.Tensor>>;

export interface Intake {
  modality: Modality;
  inputs: readonly Port[];
  /** Lengths of the axis that is not the batch come in multiples of about this. */
  unit: number;
  /** What a caller must know beyond names and shapes. */
  about: Readonly<Record<string, number>>;
  /** What `tokenizer.json` beside the graph holds, where one makes the inputs. */
  tokenizer?: Readonly<Record<string, unknown>>;
  /** Hidden states `[B,L,D]` and their mask `[B,L]`, 0 throughout for an utterance without this modality. */
  states(inputs: Inputs): { states: tf.Tensor3D; mask: tf.Tensor2D };
  /** Utterances side by side, nothing for one without this modality; `spare` more positions than the longest has. */
  feed(rows: readonly (Row | undefined)[], spare: number): Feed;
}

export const INFERENCE: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/** 1 where an integer is not 0, as float32. */
export const maskOf = (integers: tf.Tensor): tf.Tensor2D =>
  tf.cast(tf.notEqual(integers, tf.scalar(0, "int32")), "float32") as tf.Tensor2D;

/** `x` where the mask is 1, else `padding`, whatever stands there. */
export const onlyReal = <T extends tf.Tensor>(x: T, mask: tf.Tensor, padding: tf.Scalar = tf.scalar(0)): T =>
  tf.where(tf.cast(mask, "bool"), x as tf.Tensor, padding) as T;

/** States as a head wants them: at most `most` of an utterance, scaled. */
export function fitted(
  { states, mask }: ReturnType<Intake["states"]>,
  most: number,
  scaling?: Standardizer,
): ReturnType<Intake["states"]> {
  const read = tf.cast(tf.less(tf.range(0, mask.shape[1]), most), "float32");
  const scaled = scaling && tf.div(tf.sub(states, tf.tensor1d(scaling.mean)), tf.tensor1d(scaling.std));
  return { states: (scaled ?? states) as tf.Tensor3D, mask: tf.mul(mask, read) };
}

/** Rows of vectors `[width]` side by side, and where they are real; `padding` stands elsewhere. */
export function sideBySide<Numbers extends Float32Array | Int32Array>(
  rows: readonly (Row | undefined)[],
  spare: number,
  { width = 1, padding, make }: { width?: number; padding: number; make: (size: number) => Numbers },
): { data: Numbers; mask: HostTensor; counts: Int32Array; length: number } {
  const counts = Int32Array.from(rows, (row) => (row?.length ?? 0) / width);
  const length = Math.max(1, ...counts) + spare;
  const data = make(rows.length * length * width), mask = new Int32Array(rows.length * length);
  data.fill(padding);
  rows.forEach((row, b) => {
    data.set(row ?? [], b * length * width);
    mask.fill(1, b * length, b * length + counts[b]);
  });
  return { data, mask: { data: mask, shape: [rows.length, length] }, counts, length };
}

export const floats = (size: number): Float32Array => new Float32Array(size);
export const integers = (size: number): Int32Array => new Int32Array(size);
