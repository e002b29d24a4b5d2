/** How inputs of an encoder come into an exported graph, and what such ways are written with. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed, HostTensor, NamedTensorMap, Tensor } from "../compute/mod.ts";
import type { Row } from "./encoder.ts";

/** An input of an exported graph. */
export interface GraphPort {
  /** Its name in the graph. */
  name: string;
  /** What its numbers are. */
  type: "float32" | "int64";
  /** Each a length, or the name of one that is up to the caller. */
  axes: readonly (string | number)[];
  /** What goes in, in a sentence or two for whoever opens the file. */
  meaning: string;
}

/** What stands at ports, by their names, as the engine has it: int32 for int64. */
export type PortTensors = Readonly<Record<string, Tensor>>;

/** From what a caller has to what an encoder's `apply` takes: the part of preprocessing that is in the graph. */
export interface GraphInputs<In = never> {
  /** Inputs of the graph. */
  ports: readonly GraphPort[];
  /** Lengths of the axis that is not the batch come in multiples of about this. */
  unit: number;
  /** What a caller must know beyond names and shapes. */
  about: Readonly<Record<string, number>>;
  /** What `tokenizer.json` beside the graph holds, where one makes the inputs. */
  tokenizer?: Readonly<Record<string, unknown>>;
  /** What a caller makes of an input for the ports, before padding. */
  rowOf(input: In): Row;
  /** Rows at the ports, nothing for an utterance without this modality; `spare` more positions than the longest has. */
  feed(rows: readonly (Row | undefined)[], spare: number): Feed;
  /**
   * What `apply` takes, of what stands at the ports, whatever that is at padding; and as `present [B]` 1 for utterances with
   * this modality, else 0, which may be left out where all of an absent one is masked anyway.
   */
  inputsOf(ports: PortTensors): NamedTensorMap;
}

/** 1 where an integer is not 0, as float32. */
export const maskOf = (integers: tf.Tensor): tf.Tensor2D =>
  tf.cast(tf.notEqual(integers, tf.scalar(0, "int32")), "float32") as tf.Tensor2D;

/** `x` where the mask is 1, else `padding`, whatever stands there. */
export const onlyReal = <T extends tf.Tensor>(x: T, mask: tf.Tensor, padding: tf.Scalar = tf.scalar(0)): T =>
  tf.where(tf.cast(mask, "bool"), x as tf.Tensor, padding) as T;

/** Rows of vectors `[width]` side by side, and where they are real; `padding` stands elsewhere. */
export function padRows<Numbers extends Float32Array | Int32Array>(
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
