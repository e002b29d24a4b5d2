/** The two transformer layers of USE-Lite as an ONNX model, from ids to token states. */
import { createRequire } from "node:module";
import type { onnx as Onnx } from "onnx-proto";
import type { Package } from "./weights.ts";

// The package is CommonJS, and Deno does not see its named export.
const { onnx } = createRequire(import.meta.url)("onnx-proto") as { onnx: typeof Onnx };

/** Longest text in tokens, the original model's limit. */
export const MAX_LENGTH = 128;
/** Width of a hidden state. */
export const WIDTH = 512;

const HEADS = 4;
const EPSILON = 1e-6;
const { FLOAT, INT32 } = onnx.TensorProto.DataType;

/**
 * Returns the bytes of an ONNX model: `ids` [B,L] int32, `positions` [L] int32 (0 to L-1), `mask` [B,L] int32
 * -> `states` [B,L,512].
 *
 * A layer computes x = r(x) + attention(norm(x)), then x + feed_forward(norm(x)). In layer 0, r is a dense
 * layer that widens x from 256 to 512; in layer 1 it is the identity. The input of layer 0 is 2 · embedding +
 * timing signal, and the graph computes it as embedding + embedding + signal.
 */
export function useLiteGraph({ weight }: Package): Uint8Array {
  const node: Onnx.INodeProto[] = [];
  const initializer: Onnx.ITensorProto[] = [];

  const constant = (name: string, data: Float32Array, dims: number[]) => {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    initializer.push({ name, dims, dataType: FLOAT, rawData });
    return name;
  };
  const add = (opType: string, input: string[], attribute: Onnx.IAttributeProto[] = [], domain = "") => {
    const output = `${opType}_${node.length}`;
    node.push({ opType, input, output: [output], attribute, domain });
    return output;
  };
  const dense = (x: string, kernel: string, bias: string) => {
    const { shape, data } = weight(kernel);
    const product = add("MatMul", [x, constant(kernel, data, shape.slice(-2))]);
    return add("Add", [product, constant(bias, weight(bias).data, weight(bias).shape)]);
  };
  const norm = (x: string, name: string) => {
    const [scale, bias] = ["scale", "bias"].map((part) => {
      const { data, shape } = weight(`${name}/layer_norm/layer_norm_${part}`);
      return constant(`${name}/${part}`, data, shape);
    });
    return add("LayerNormalization", [x, scale, bias], [float("epsilon", EPSILON)]);
  };
  const attention = (x: string, name: string) => {
    const kernel = weight(`${name}/qkv_transform_single/kernel`);
    const bias = weight(`${name}/qkv_transform_single/bias`);
    const heads = add(
      "Attention",
      [
        x,
        constant(`${name}/kernel`, kernel.data, kernel.shape.slice(-2)),
        constant(`${name}/bias`, bias.data, bias.shape),
        "mask",
      ],
      [integer("num_heads", HEADS)],
      "com.microsoft",
    );
    return dense(heads, `${name}/output_transform_single/kernel`, `${name}/output_transform_single/bias`);
  };

  const { data: table, shape } = weight("module/Embeddings_en");
  const { data: scales } = weight("TimingSignal/ExpandDims_1");
  const timing = constant("timing", timingSignal(scales), [MAX_LENGTH, 2 * scales.length]);
  const embedding = add("Gather", [constant("embedding", table, shape), "ids"]);
  let x = add("Add", [add("Add", [embedding, embedding]), add("Gather", [timing, "positions"])]);
  for (const layer of ["Layer_0/TransformerLayer", "Layer_1/TransformerLayer"]) {
    const attended = attention(norm(x, `${layer}/layer_prepostprocess`), `${layer}/MultiheadAttention`);
    const residual = layer.startsWith("Layer_0")
      ? dense(x, `${layer}/dense/kernel`, `${layer}/dense/bias`)
      : x;
    x = add("Add", [residual, attended]);
    const normed = norm(x, `${layer}/FFN/layer_prepostprocess`);
    const hidden = add("Relu", [
      dense(normed, `${layer}/FFN/conv1/Tensordot/Reshape_1`, `${layer}/FFN/conv1/bias`),
    ]);
    x = add("Add", [x, dense(hidden, `${layer}/FFN/conv2/Tensordot/Reshape_1`, `${layer}/FFN/conv2/bias`)]);
  }
  node.at(-1)!.output = ["states"];

  const model = onnx.ModelProto.create({
    irVersion: 9,
    opsetImport: [{ domain: "", version: 20 }, { domain: "com.microsoft", version: 1 }],
    graph: {
      name: "use-lite",
      node,
      initializer,
      input: [
        value("ids", INT32, ["B", "L"]),
        value("positions", INT32, ["L"]),
        value("mask", INT32, ["B", "L"]),
      ],
      output: [value("states", FLOAT, ["B", "L", WIDTH])],
    },
  });
  return onnx.ModelProto.encode(model).finish();
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

const { AttributeType } = onnx.AttributeProto;
const float = (name: string, f: number) => ({ name, f, type: AttributeType.FLOAT });
const integer = (name: string, i: number) => ({ name, i, type: AttributeType.INT });
const value = (name: string, elemType: number, shape: (string | number)[]): Onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: shape.map((d) => typeof d === "string" ? { dimParam: d } : { dimValue: d }) },
    },
  },
});
