/** The states of ../acoustic_1.ts as operators of an ONNX graph, for one clip. */
import { SAMPLE_RATE } from "../../encoder.ts";
import type { ClipGraph } from "../../speech_graph.ts";
import { HOP } from "../spectrum.ts";
import { functionals, moments, momentsWhere } from "./functionals.ts";
import { describe, phrasing, stateCount, statesOf } from "./states.ts";

/** Returns the encoder as a graph for one clip, which contains that of its speech embedding. */
export const acoustic1Graph = (width: number, embedding: ClipGraph): ClipGraph => ({
  width,
  lengthOf: stateCount,
  statesOf(ops, samples) {
    const { cast, concat, div, mul, reshape, unsqueeze } = ops;
    const embedded = embedding.statesOf(ops, samples), description = describe(ops, samples);
    const { frames, tracks, mel, melodic, heard } = description;
    const seconds = div(mul(cast(frames, "float64"), HOP), SAMPLE_RATE);
    return statesOf(
      ops,
      description,
      embedded,
      concat([
        moments(ops, cast(embedded, "float64")),
        functionals(ops, mel, frames),
        functionals(ops, tracks, frames),
        momentsWhere(ops, tracks, unsqueeze(cast(heard, "float64"), 1)),
        phrasing(ops, melodic, heard, frames),
        reshape(seconds, 1, 1),
      ], 1),
    );
  },
});
