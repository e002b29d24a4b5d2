/** Products in bytes equal the definition, computed by hand in double precision. */
import { Tensor } from "onnxruntime-node";
import { encodeGraph, newNodes } from "../../compute/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, ok } from "../../testing/assert.ts";
import { openSession } from "../onnx_session.ts";
import { multipliesExactly } from "./processor.ts";
import { byteProduct, BYTES_OPSET } from "./products.ts";
import { byteMatrix, type WeightBytes } from "./quantise.ts";

const INPUTS = 40, OUTPUTS = 24;

/** Rounds to the nearest integer, halves to the even one. */
const rounded = (x: number) => Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);

/** Returns the product of rows and weights `[out,in]`, each row and each output scaled to 127. */
function byHand(rows: Float32Array, weights: Float32Array): number[] {
  const scaled = (values: Float32Array) => {
    const scale = Math.max(...values.map(Math.abs)) / 127;
    return { scale, bytes: Array.from(values, (x) => scale ? rounded(x / scale) : 0) };
  };
  const part = (values: Float32Array, i: number) => scaled(values.subarray(i * INPUTS, (i + 1) * INPUTS));
  return Array.from({ length: rows.length / INPUTS }, (_, r) => {
    const row = part(rows, r);
    return Array.from({ length: OUTPUTS }, (_, o) => {
      const column = part(weights, o);
      return row.scale * column.scale * row.bytes.reduce((sum, x, i) => sum + x * column.bytes[i], 0);
    });
  }).flat();
}

/** The types of weights to test: signed bytes only where the processor multiplies them exactly. */
const types: WeightBytes[] = await multipliesExactly("int8") ? ["int8", "uint8"] : ["uint8"];

async function products(rows: Float32Array, weights: Float32Array, type: WeightBytes): Promise<Float32Array> {
  const nodes = newNodes(), product = byteProduct(nodes, "x", byteMatrix(weights, [OUTPUTS, INPUTS], type));
  nodes.proto.node.push({ opType: "Identity", input: [product], output: ["y"] });
  const port = (name: string, width: number) => ({ name, type: "float32" as const, axes: ["rows", width] });
  const ports = { inputs: [port("x", INPUTS)], outputs: [port("y", OUTPUTS)] };
  const session = await openSession(encodeGraph(nodes.proto, { ...ports, opset: BYTES_OPSET }));
  const { y } = await session.run({ x: new Tensor("float32", rows, [rows.length / INPUTS, INPUTS]) });
  await session.release();
  return y.data as Float32Array;
}

const draw = random(3);
const numbers = (count: number, scale: (i: number) => number) =>
  Float32Array.from({ length: count }, (_, i) => draw.normal() * scale(i));

Deno.test("a product in bytes is that of rounded rows and weights, each scaled by itself", async () => {
  // Rows of every size, one of zeros, one with a single large number; an output without weights.
  const rows = numbers(9 * INPUTS, (i) => 10 ** (Math.floor(i / INPUTS) - 4));
  rows.fill(0, 3 * INPUTS, 4 * INPUTS);
  rows[5 * INPUTS + 7] = 1e4;
  const weights = numbers(OUTPUTS * INPUTS, (i) => 1 + Math.floor(i / INPUTS));
  weights.fill(0, 2 * INPUTS, 3 * INPUTS);
  const [actual, ...others] = await Promise.all(types.map((type) => products(rows, weights, type)));
  for (const other of others) deepEqual(other, actual);
  const expected = byHand(rows, weights);
  for (let r = 0; r < 9; r++) {
    const most = Math.max(...expected.slice(r * OUTPUTS, (r + 1) * OUTPUTS).map(Math.abs));
    for (let o = 0; o < OUTPUTS; o++) {
      const [is, should] = [actual[r * OUTPUTS + o], expected[r * OUTPUTS + o]];
      ok(Math.abs(is - should) <= 1e-5 * most, `row ${r}, output ${o}: ${is}, not ${should}`);
    }
  }
});

Deno.test("a row's product does not depend on the rows beside it", async () => {
  const weights = numbers(OUTPUTS * INPUTS, () => 1), rows = numbers(50 * INPUTS, (i) => 1 + i % 7);
  for (const type of types) {
    const all = await products(rows, weights, type);
    for (const r of [0, 1, 17, 49]) {
      const alone = await products(rows.slice(r * INPUTS, (r + 1) * INPUTS), weights, type);
      deepEqual([...alone], [...all.subarray(r * OUTPUTS, (r + 1) * OUTPUTS)]);
    }
  }
});

Deno.test("a number that is not finite makes its row's whole product NaN, and no other", async () => {
  const weights = numbers(OUTPUTS * INPUTS, () => 1), rows = numbers(3 * INPUTS, () => 1);
  for (const type of types) {
    const expected = await products(rows, weights, type);
    for (const number of [NaN, Infinity, -Infinity]) {
      for (const place of [0, 1, 20, INPUTS - 1]) {
        const some = Float32Array.from(rows, (x, i) => i === INPUTS + place ? number : x);
        const found = await products(some, weights, type);
        deepEqual([...found], Array.from(expected, (x, i) => Math.floor(i / OUTPUTS) === 1 ? NaN : x));
      }
    }
  }
});
