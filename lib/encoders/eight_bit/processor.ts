/** Which bytes this processor multiplies exactly. */
import { encodeGraph, newNodes } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import { openSession } from "../onnx_session.ts";
import { byteProduct, BYTES_OPSET } from "./products.ts";
import { byteMatrix, type WeightBytes } from "./quantise.ts";

let found: Promise<WeightBytes | undefined> | undefined;

/**
 * Returns the type of weights that this processor multiplies exactly; states are the same for both. Signed
 * bytes are faster, but without VNNI (Intel since 2019, AMD since Zen 4) processors with AVX2 add two of
 * their products in 16 bits, and ONNX Runtime cuts a sum that is larger. Throws UndertoneError if both are
 * cut.
 */
export async function exactWeightBytes(id: string): Promise<WeightBytes> {
  const type = await (found ??= firstExact(["int8", "uint8"]));
  if (type) return type;
  throw badInput({
    expected: "a processor that multiplies bytes exactly",
    found: "one that cuts large sums, which would change the states",
    at: id,
    todo: "Leave '#q8' out, or use another machine.",
  });
}

async function firstExact(types: readonly WeightBytes[]): Promise<WeightBytes | undefined> {
  for (const type of types) if (await multipliesExactly(type)) return type;
}

/** Multiplies ones by ones: each product of bytes is then the largest that there is. */
export async function multipliesExactly(type: WeightBytes): Promise<boolean> {
  const rows = 16, width = 64, ones = (count: number) => new Float32Array(count).fill(1);
  const nodes = newNodes(), matrix = byteMatrix(ones(width * width), [width, width], type);
  const product = byteProduct(nodes, "x", matrix);
  nodes.proto.node.push({ opType: "Identity", input: [product], output: ["y"] });
  const port = (name: string) => ({ name, type: "float32" as const, axes: [rows, width] });
  const session = await openSession(
    encodeGraph(nodes.proto, { inputs: [port("x")], outputs: [port("y")], opset: BYTES_OPSET }),
  );
  const { Tensor } = await import("onnxruntime-node");
  const { y } = await session.run({ x: new Tensor("float32", ones(rows * width), [rows, width]) });
  await session.release();
  return (y.data as Float32Array).every((sum) => Math.abs(sum - width) < 1e-3);
}
