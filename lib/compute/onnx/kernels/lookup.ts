import * as tf from "@tensorflow/tfjs-core";
import { ANY, define, NUMBER, reshape, shaped } from "../kernel.ts";
import { int, scalar, sizeOf, string } from "../value.ts";
import { cast } from "./elementwise.ts";
import { filled } from "./fill.ts";

define(tf.GatherV2, ANY, (graph, { x, indices }, { axis, batchDims }) => {
  if (batchDims) return undefined;
  const [along] = tf.util.parseAxisParam(axis, x.shape);
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  return graph.add("Gather", [shaped(graph, x), shaped(graph, indices)], shape, x.value.dtype, [
    int("axis", along),
  ]);
});

define(tf.GatherNd, ANY, (graph, { params, indices }) => {
  const depth = indices.shape.at(-1)!;
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  const positions = cast(graph, shaped(graph, indices), "int64");
  return graph.add("GatherND", [shaped(graph, params), positions], shape, params.value.dtype);
});

/**
 * Sums the rows that share an id, e.g. for the gradient of an embedding. The caller must keep ids in range.
 */
define(tf.UnsortedSegmentSum, NUMBER, (graph, { x, segmentIds }, { numSegments }) => {
  const shape = [numSegments, ...x.shape.slice(1)];
  const count = sizeOf(segmentIds.shape);
  const zeros = filled(graph, shape, x.value.dtype, 0);
  const positions = cast(graph, reshape(graph, segmentIds.value, [count, 1]), "int64");
  return graph.add("ScatterND", [zeros, positions, shaped(graph, x)], shape, x.value.dtype, [
    string("reduction", "add"),
  ]);
});

/** Returns `onValue` at each index, `offValue` elsewhere. An index out of range gives a row of `offValue`. */
define(tf.OneHot, ["int32"], (graph, { indices }, { dtype, depth, onValue, offValue }) => {
  const shape = [...indices.shape, depth];
  const positions = {
    dtype: "int32" as const,
    length: depth,
    values: Array.from({ length: depth }, (_, i) => i),
  };
  const hit = graph.add(
    "Equal",
    [reshape(graph, indices.value, [...indices.shape, 1]), positions],
    shape,
    "bool",
  );
  if (onValue === 1 && offValue === 0) return cast(graph, hit, dtype);
  const type = dtype === "bool" ? "int32" : dtype; // Where has no kernel for booleans
  const sides = [scalar(onValue, type), scalar(offValue, type)];
  return cast(graph, graph.add("Where", [hit, ...sides], shape, type), dtype);
});
