/** Whether this processor multiplies bytes exactly. */
import { encodeGraph, newNodes } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import { openSession } from "../onnx_session.ts";
import { byteProduct, BYTES_OPSET } from "./products.ts";
import { byteMatrix } from "./quantise.ts";

let exact: Promise<boolean> | undefined;

/**
 * Throws UndertoneError if the processor multiplies bytes with saturation: without VNNI, processors with AVX2
 * add two products in 16 bits, and ONNX Runtime cuts a sum that is larger.
 */
export async function requireExactBytes(id: string): Promise<void> {
  if (await (exact ??= multipliesExactly())) return;
  throw badInput({
    expected: "a processor with exact products of bytes (VNNI: Intel since 2019, AMD since Zen 4)",
    found: "one that cuts large sums, which would change the states",
    at: id,
    todo: "Leave '#q8' out, or use another machine.",
  });
}

/** Multiplies ones by ones: each product of bytes is then the largest that there is. */
async function multipliesExactly(): Promise<boolean> {
  const rows = 16, width = 64, ones = (count: number) => new Float32Array(count).fill(1);
  const nodes = newNodes(),
    product = byteProduct(nodes, "x", byteMatrix(ones(width * width), [width, width]));
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
