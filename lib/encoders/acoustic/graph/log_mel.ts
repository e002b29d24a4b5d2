/** The states of ../../log_mel.ts as operators of an ONNX graph, for one clip. */
import type { ClipGraph } from "../../speech_graph.ts";
import { MELS } from "../mel.ts";
import { WINDOW_HOP } from "../windows.ts";
import { frameCount, padded } from "./frames.ts";
import { logMel, powerSpectra } from "./spectrum.ts";
import { meanAndDeviation, windowCount } from "./windows.ts";

export const LOG_MEL: ClipGraph = {
  width: 2 * MELS,
  lengthOf: (ops, samples) => windowCount(ops, samples, WINDOW_HOP),
  statesOf(ops, samples) {
    const count = ops.size(samples, 0), frames = frameCount(ops, count);
    const mel = logMel(ops, powerSpectra(ops, padded(ops, samples).short, frames));
    return meanAndDeviation(ops, mel, windowCount(ops, count, WINDOW_HOP), WINDOW_HOP);
  },
};
