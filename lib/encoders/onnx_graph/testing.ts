/** Runs graphs in tests. */
import type { onnx as Onnx } from "onnx-proto";
import { Tensor } from "onnxruntime-node";
import type { Feed } from "../../compute/mod.ts";
import type { Sequence } from "../encoder.ts";
import type { EncoderGraph, Row } from "../graph_inputs.ts";
import { decodeGraph, encodeGraph } from "./builder.ts";
import { openSession } from "../onnx_session.ts";

/** Opens a graph of standard operators; returns a function that computes its outputs. */
export async function opened(
  graph: Onnx.IGraphProto,
): Promise<(feed: Feed) => Promise<Record<string, Tensor>>> {
  const session = await openSession(encodeGraph(graph));
  return async (feed) => {
    const tensors = Object.entries(feed).map(([name, { data, shape }]) => [
      name,
      data instanceof Float32Array
        ? new Tensor("float32", data, shape)
        : new Tensor("int64", BigInt64Array.from(data, BigInt), shape),
    ]);
    return await session.run(Object.fromEntries(tensors)) as Record<string, Tensor>;
  };
}

/** Returns a function that encodes a batch of rows, with `spare` positions of padding more, as sequences. */
export async function encoderOf(
  { model, feed }: EncoderGraph<never>,
): Promise<(rows: readonly (Row | undefined)[], spare: number) => Promise<Sequence[]>> {
  const run = await opened(decodeGraph(model));
  return async (rows, spare) => {
    const { states, mask } = await run(feed(rows, spare));
    const [, most, width] = states.dims, data = states.data as Float32Array;
    const masks = Array.from(mask.data as BigInt64Array, Number);
    return rows.map((_, b) => {
      const own = masks.slice(b * most, (b + 1) * most), length = own.reduce((sum, m) => sum + m, 0);
      if (own.some((m, i) => m !== Number(i < length))) throw new Error("padding is not at the end");
      return { data: data.slice(b * most * width, (b * most + length) * width), length, width };
    });
  };
}

/** Returns the largest difference of two sequences' numbers; infinite if shapes differ or one is NaN. */
export function distance(a: Sequence, b: Sequence): number {
  if (a.length !== b.length || a.width !== b.width) return Infinity;
  return a.data.reduce((most, x, i) => {
    const off = Math.abs(x - b.data[i]);
    return Number.isNaN(off) ? Infinity : Math.max(most, off);
  }, 0);
}
