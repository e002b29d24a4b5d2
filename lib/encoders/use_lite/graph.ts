/** The two transformer layers of USE-Lite as operators, from ids to token states. */
import proto from "onnx-proto";
import { graphBuilder, type Ops, type Value } from "../onnx_graph/builder.ts";
import type { Package } from "./weights.ts";

/** Longest text in tokens, the original model's limit. */
export const MAX_LENGTH = 128;
/** Width of a hidden state. */
export const WIDTH = 512;
/** Attention heads of a layer. */
export const HEADS = 4;

const EPSILON = 1e-6;

/** The inputs of the layers: ids `[B,L]`, positions `[L]` from 0 to L-1, mask `[B,L]` with 1 for tokens. */
export interface TokenInputs {
  ids: Value;
  positions: Value;
  mask: Value;
}

/** The inputs of self-attention: x `[B,L,width]`, and the weights of its queries, keys and values. */
export interface AttentionInputs {
  x: Value;
  width: number;
  kernel: Value;
  bias: Value;
  mask: Value;
}

/** Self-attention up to its output layer: `[B,L,width]`. */
export type Attention = (ops: Ops, inputs: AttentionInputs) => Value;

/**
 * Computes the token states `[B,L,512]`.
 *
 * A layer computes x = r(x) + attention(norm(x)), then x + feed_forward(norm(x)). In layer 0, r is a dense
 * layer that widens x from 256 to 512; in layer 1 it is the identity. The input of layer 0 is 2 · embedding +
 * timing signal, and the graph computes it as embedding + embedding + signal.
 */
export function tokenStates(
  ops: Ops,
  { weight }: Package,
  { ids, positions, mask }: TokenInputs,
  attend: Attention,
): Value {
  const { add, matMul, gather, op } = ops;
  const matrix = (name: string) => ops.tensor("float32", weight(name).data, weight(name).shape.slice(-2));
  const vector = (name: string) => ops.tensor("float32", weight(name).data, weight(name).shape);
  const dense = (x: Value, kernel: string, bias: string) => add(matMul(x, matrix(kernel)), vector(bias));
  const norm = (x: Value, name: string) => {
    const [scale, bias] = ["scale", "bias"].map((part) => vector(`${name}/layer_norm/layer_norm_${part}`));
    return op("LayerNormalization", [x, scale, bias], { attributes: { epsilon: { float: EPSILON } } });
  };
  const attention = (x: Value, name: string) => {
    const kernel = `${name}/qkv_transform_single/kernel`, bias = `${name}/qkv_transform_single/bias`;
    const width = weight(kernel).shape.at(-1)! / 3;
    const heads = attend(ops, { x, width, kernel: matrix(kernel), bias: vector(bias), mask });
    return dense(heads, `${name}/output_transform_single/kernel`, `${name}/output_transform_single/bias`);
  };

  const { data: scales } = weight("TimingSignal/ExpandDims_1");
  const timing = ops.tensor("float32", timingSignal(scales), [MAX_LENGTH, 2 * scales.length]);
  const embedding = gather(vector("module/Embeddings_en"), ids);
  let x = add(add(embedding, embedding), gather(timing, positions));
  for (const layer of ["Layer_0/TransformerLayer", "Layer_1/TransformerLayer"]) {
    const attended = attention(norm(x, `${layer}/layer_prepostprocess`), `${layer}/MultiheadAttention`);
    const residual = layer.startsWith("Layer_0")
      ? dense(x, `${layer}/dense/kernel`, `${layer}/dense/bias`)
      : x;
    x = add(residual, attended);
    const normed = norm(x, `${layer}/FFN/layer_prepostprocess`);
    const hidden = op("Relu", [
      dense(normed, `${layer}/FFN/conv1/Tensordot/Reshape_1`, `${layer}/FFN/conv1/bias`),
    ]);
    x = add(x, dense(hidden, `${layer}/FFN/conv2/Tensordot/Reshape_1`, `${layer}/FFN/conv2/bias`));
  }
  return x;
}

/**
 * Returns the bytes of the ONNX model that the encoder runs: `ids` [B,L], `positions` [L] and `mask` [B,L],
 * all int32 -> `states` [B,L,512]. Its attention is ONNX Runtime's own operator.
 */
export function useLiteGraph(files: Package): Uint8Array {
  const ops = graphBuilder();
  const [ids, positions, mask] = ["ids", "positions", "mask"].map((name): Value => ({ name, type: "int32" }));
  const states = tokenStates(
    ops,
    files,
    { ids, positions, mask },
    ({ op }, { x, kernel, bias, mask }) =>
      op("Attention", [x, kernel, bias, mask], { domain: "com.microsoft", attributes: { num_heads: HEADS } }),
  );
  const graph = ops.graph(
    [[ids, ["B", "L"]], [positions, ["L"]], [mask, ["B", "L"]]],
    [["states", states, ["B", "L", WIDTH]]],
  );
  const { ModelProto } = proto.onnx;
  return ModelProto.encode(ModelProto.create({
    irVersion: 9,
    opsetImport: [{ domain: "", version: 20 }, { domain: "com.microsoft", version: 1 }],
    graph,
  })).finish();
}

/**
 * Returns the timing signal `[128, 2n]`: sin and cos of position × scale (Vaswani et al. 2017, section 3.5,
 * with all sines before all cosines).
 */
function timingSignal(scales: Float32Array): Float32Array {
  const width = 2 * scales.length;
  const signal = new Float32Array(MAX_LENGTH * width);
  for (let position = 0; position < MAX_LENGTH; position++) {
    scales.forEach((scale, i) => {
      signal[position * width + i] = Math.sin(position * scale);
      signal[position * width + scales.length + i] = Math.cos(position * scale);
    });
  }
  return signal;
}
