/**
 * Convolutions in 8 bits, in place of those of a recorded graph.
 *
 * The idea: one output of a convolution is the product of a window of frames with the weights. Each window is
 * scaled to bytes by its own largest magnitude, like a row of a product. A frame stands in several windows,
 * so the frames become bytes once for every stride that a window spans; taps are then picked out of bytes, a
 * quarter of the float32 traffic.
 */
import { type AlignedNode, int, ints, type Nodes, type Rewrite } from "../../compute/mod.ts";
import type { RawTensor } from "../../files/mod.ts";
import { bytesOf, LEAST, MOST, times, unlessFinite } from "./products.ts";
import { type ByteMatrix, byteMatrix, type WeightBytes } from "./quantise.ts";

/** Fewest channels of a convolution in bytes: with fewer, its products are too short to gain. */
const LEAST_CHANNELS = 64;
/** Beyond the end of every axis. */
const END = 2 ** 31 - 1;

type Value = AlignedNode["outputs"][number];
type NameOf = Parameters<Rewrite>[2];

/** Returns how a recording's convolutions along one axis are computed. `weightOf` returns a variable. */
export function byteConvolutions(weightOf: (variable: string) => RawTensor, type: WeightBytes): Rewrite {
  /** Names of values `[B,L,C]`, by the values `[B,C,L]` of the recording that they are, turned. */
  const turned = new Map<Value, string>();
  const turn = ({ emit }: Nodes, x: string) => emit("Transpose", [x], [ints("perm", [0, 2, 1])]);
  const asRows = (nodes: Nodes, x: Value, nameOf: NameOf) => turned.get(x) ?? turn(nodes, nameOf(x));
  const give = (nodes: Nodes, output: Value, rows: string) => {
    turned.set(output, rows);
    return turn(nodes, rows); // ONNX Runtime drops it if nothing reads it
  };
  return (nodes, { op, inputs, outputs: [output], attributes }, nameOf) => {
    const [x, weight, bias] = inputs as Value[];
    if (op === "Transpose" && isTurn(attributes)) {
      if (turned.has(x)) return turned.get(x)!;
      turned.set(output, nameOf(x));
    }
    if (op === "Gelu" && turned.has(x)) {
      return give(nodes, output, nodes.emit("Gelu", [turned.get(x)!], attributes));
    }
    if (op !== "Conv" || !("variable" in weight.from)) return undefined;
    const { shape, data } = weightOf(weight.from.variable), [outputs, channels, kernel] = shape;
    const number = (name: string) => [attributes.find((each) => each.name === name)?.value ?? 0].flat()[0];
    if (shape.length !== 3 || number("group") !== 1 || channels < LEAST_CHANNELS) return undefined;
    const matrix = byteMatrix(tapsFirst(data, shape), [outputs, kernel * channels], type);
    const sizes = { channels, kernel, stride: Number(number("strides")), padding: Number(number("pads")) };
    const rows = convolved(nodes, asRows(nodes, x, nameOf), sizes, matrix);
    return give(nodes, output, bias ? nodes.emit("Add", [rows, nameOf(bias)]) : rows);
  };
}

const isTurn = (attributes: AlignedNode["attributes"]): boolean =>
  attributes.some(({ name, value }) => name === "perm" && String(value) === "0,2,1");

/** Rearranges weights `[out,in,taps]` as `[out,taps,in]`. */
function tapsFirst(data: ArrayLike<number>, [outputs, inputs, taps]: readonly number[]): Float32Array {
  const arranged = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let t = 0; t < taps; t++) {
        arranged[(o * taps + t) * inputs + i] = data[(o * inputs + i) * taps + t];
      }
    }
  }
  return arranged;
}

/** Returns the convolution of frames `x [B,L,in]`, `[B,n,out]`. */
function convolved(
  nodes: Nodes,
  x: string,
  { channels, kernel, stride, padding }: Record<"channels" | "kernel" | "stride" | "padding", number>,
  matrix: ByteMatrix,
): string {
  const { emit, integers, tensor } = nodes;
  const number = (value: number) => tensor("float32", Float32Array.of(value), []);
  const count = (of: string) => emit("Squeeze", [emit("Shape", [of], [int("start", 1), int("end", 2)])]);
  const zero = emit("Squeeze", [integers([0])]), one = emit("Squeeze", [integers([1])]);
  const frames = padding ? emit("Pad", [x, integers([0, padding, 0, 0, padding, 0])]) : x;
  const axis = integers([2]);
  const most = emit("Max", [
    emit("ReduceMax", [frames, axis]),
    emit("Neg", [emit("ReduceMin", [frames, axis])]),
    number(LEAST),
  ]);
  const perm = ints("perm", [0, 2, 1]);
  /** Pools one number of each frame `[B,L,1]` over the windows, `[B,n,1]`. */
  const pooled = (how: "MaxPool" | "AveragePool", of: string) => {
    const pool = emit(how, [emit("Transpose", [of], [perm])], [
      ints("kernel_shape", [kernel]),
      ints("strides", [stride]),
    ]);
    return emit("Transpose", [pool], [perm]);
  };
  const scales = emit("Add", [
    emit("Mul", [pooled("MaxPool", most), number(1 / MOST)]),
    pooled("AveragePool", unlessFinite(nodes, frames, channels)),
  ]);
  const last = emit("Sub", [count(scales), one]);
  const places = emit("Div", [emit("Range", [zero, count(frames), one]), integers([stride])]);
  const taps: string[] = [];
  for (let first = 0; first < kernel; first += stride) {
    // The window in which each frame is one of these taps; frames that are none may have any.
    const windows = emit("Sub", [places, integers([first / stride])]);
    const within = emit("Min", [emit("Max", [windows, zero]), last]);
    const bytes = bytesOf(nodes, frames, emit("Gather", [scales, within], [int("axis", 1)]), channels, 2);
    for (let tap = first; tap < Math.min(first + stride, kernel); tap++) {
      const end = tap === kernel - 1 ? END : tap - kernel + 1;
      taps.push(emit("Slice", [bytes, ...[[tap], [end], [1], [stride]].map(integers)]));
    }
  }
  return times(nodes, { bytes: emit("Concat", taps, [int("axis", 2)]), scales }, matrix);
}
