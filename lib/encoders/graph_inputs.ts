/** The inputs of an exported graph for an encoder, and helpers to define them. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed, HostTensor, NamedTensorMap, Tensor } from "../compute/mod.ts";

/** An input before padding: token ids, or samples. */
export type Row = ArrayLike<number>;

/** One input of an exported graph. */
export interface GraphPort {
  /** Its name in the graph. */
  name: string;
  /** Data type in the ONNX graph. */
  type: "float32" | "int64";
  /** One entry per axis: a fixed length, or the name of a dynamic axis. */
  axes: readonly (string | number)[];
  /** One or two sentences, for whoever opens the file, that say what the caller passes. */
  meaning: string;
}

/** Tensors of the inputs by port name, with the engine's types: int32 for int64. */
export type PortTensors = Readonly<Record<string, Tensor>>;

/**
 * Maps the graph's inputs to those of an encoder's `apply`: the part of preprocessing that is in the graph.
 */
export interface GraphInputs<In = never> {
  /** The graph's inputs. */
  ports: readonly GraphPort[];
  /** The dynamic axis should have lengths that are about a multiple of this. */
  unit: number;
  /** Facts that a caller needs besides names and shapes, such as `sample_rate`. */
  about: Readonly<Record<string, number | string>>;
  /** Content of the `tokenizer.json` beside the graph, if a tokenizer prepares the inputs. */
  tokenizer?: Readonly<Record<string, unknown>>;
  /** Turns an input into a row for the ports, before padding. */
  rowOf(input: In): Row;
  /**
   * Pads rows for the ports; undefined for an utterance without this modality. Adds `spare` positions to the
   * longest row.
   */
  feed(rows: readonly (Row | undefined)[], spare: number): Feed;
  /**
   * Computes the inputs of `apply` from the ports, whatever values are at padding. May add `present [B]`: 1
   * for utterances with this modality, else 0. It is not needed if an absent modality is masked entirely
   * anyway.
   */
  inputsOf(ports: PortTensors): NamedTensorMap;
}

/** A frozen encoder as a finished ONNX model, which an exported file then contains. */
export interface EncoderGraph<In = never> extends Omit<GraphInputs<In>, "unit" | "inputsOf"> {
  /**
   * The bytes of an ONNX model from the ports to `states` float32 `[B,L,D]` and `mask` int64 `[B,L]`. The
   * mask is all 0 for an utterance without this modality. Its operators are those of opset 20. Padding
   * changes nothing.
   */
  model: Uint8Array;
}

/** The inputs of a text encoder, named as in Hugging Face's tokenizers. */
export const TOKEN_PORTS: readonly GraphPort[] = [
  {
    name: "input_ids",
    type: "int64",
    axes: ["batch", "tokens"],
    meaning: "Token ids by tokenizer.json, which cuts a text to max_tokens; padding at the end.",
  },
  {
    name: "attention_mask",
    type: "int64",
    axes: ["batch", "tokens"],
    meaning: "1 for tokens, 0 for padding; all 0 for an utterance without text.",
  },
];

/** The inputs of a speech encoder. */
export const WAVEFORM_PORTS: readonly GraphPort[] = [
  {
    name: "waveform",
    type: "float32",
    axes: ["batch", "samples"],
    meaning: "Mono samples in [-1, 1]; padding at the end.",
  },
  {
    name: "waveform_length",
    type: "int64",
    axes: ["batch"],
    meaning: "How many samples are each utterance's own; 0 without speech.",
  },
];

/** Pads token ids with -1, which the mask hides. */
export function feedTokens(rows: readonly (Row | undefined)[], spare: number): Feed {
  const { data, mask } = padRows(rows, spare, { padding: -1, make: integers });
  return { input_ids: { data, shape: mask.shape }, attention_mask: mask };
}

/** Pads samples with NaN, which their number hides. */
export function feedSamples(rows: readonly (Row | undefined)[], spare: number): Feed {
  const { data, mask, counts } = padRows(rows, spare, { padding: NaN, make: floats });
  return {
    waveform: { data, shape: mask.shape },
    waveform_length: { data: counts, shape: [rows.length] },
  };
}

/** Returns a float32 mask: 1 where an integer is not 0, else 0. */
export const maskOf = (integers: tf.Tensor): tf.Tensor2D =>
  tf.cast(tf.notEqual(integers, tf.scalar(0, "int32")), "float32") as tf.Tensor2D;

/** Returns `x` where the mask is 1 and `padding` elsewhere, even if `x` is NaN there. */
export const onlyReal = <T extends tf.Tensor>(x: T, mask: tf.Tensor, padding: tf.Scalar = tf.scalar(0)): T =>
  tf.where(tf.cast(mask, "bool"), x as tf.Tensor, padding) as T;

/**
 * Pads rows of vectors `[width]` to a common length with `padding`; returns their mask, counts and length,
 * too.
 */
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
