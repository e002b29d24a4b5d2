/** The states of ../acoustic.ts as operators of an ONNX graph, for one clip. */
import type { ClipGraph } from "../../speech_graph.ts";
import { COEFFICIENTS, COURSING, COVARYING, PERCENTS, SLOPING } from "../acoustic.ts";
import {
  covariances,
  functionals,
  interleaved,
  moments,
  momentsWhere,
  percentiles,
  slope,
  thirds,
} from "./functionals.ts";
import { mfcc } from "./prosody.ts";
import { spokenPart } from "./spoken.ts";
import { describe, phrasing, stateCount, statesOf } from "./states.ts";
import type { SpeechWeights } from "./voice_activity.ts";

/**
 * Returns the encoder as a graph for one clip, which contains its speech embedding and the model that finds
 * speech. A clip without speech has no states.
 */
export const acousticGraph = (width: number, embedding: ClipGraph, weights: SpeechWeights): ClipGraph => ({
  width,
  lengthOf: stateCount, // of a clip that is speech throughout
  statesOf(ops, samples) {
    const { cast, concat, slice, op, size, sub, min, mul, padEnd, unsqueeze } = ops;
    const part = spokenPart(ops, samples, weights), some = min(size(part, 0), 1);
    const speech = padEnd(part, sub(1, some), 0, 1); // without speech: one zero
    const embedded = embedding.statesOf(ops, speech), description = describe(ops, speech);
    const { frames, tracks, mel, melodic, heard } = description;
    const cepstrum = mfcc(ops, mel, COEFFICIENTS), first = slice(cepstrum, 0, SLOPING, 1);
    const voiced = op("Compress", [tracks, heard], { attributes: { axis: 0 } });
    const weightsOfVoiced = unsqueeze(cast(heard, "float64"), 1);
    const states = statesOf(
      ops,
      description,
      embedded,
      concat([
        moments(ops, cast(embedded, "float64")),
        functionals(ops, mel, frames),
        functionals(ops, tracks, frames),
        momentsWhere(ops, tracks, weightsOfVoiced),
        phrasing(ops, melodic, heard, frames),
        covariances(
          ops,
          concat([slice(cepstrum, 0, COVARYING, 1), slope(ops, first, frames)], 1),
          COVARYING + SLOPING,
        ),
        thirds(ops, concat([tracks, slice(cepstrum, 0, COURSING, 1)], 1), frames),
        interleaved(ops, percentiles(ops, voiced, size(voiced, 0), PERCENTS)),
        momentsWhere(ops, cepstrum, weightsOfVoiced),
      ], 1),
    );
    return slice(states, 0, mul(size(states, 0), some));
  },
});
