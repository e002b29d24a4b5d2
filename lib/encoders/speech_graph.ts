/** A speech encoder as an ONNX graph, from batches of samples to hidden states. */
import { type EncoderGraph, feedSamples, WAVEFORM_PORTS } from "./graph_inputs.ts";
import { SAMPLE_RATE } from "./encoder.ts";
import { encodeGraph, graphBuilder, type Ops, type Value } from "./onnx_graph/builder.ts";

/** The parts of a speech encoder's graph, for one clip. */
export interface ClipGraph {
  /** Width of a state. */
  width: number;
  /** Most states of a clip of `samples` samples, int64 scalars; at least 1. Grows with the samples. */
  lengthOf(ops: Ops, samples: Value): Value;
  /**
   * The states `[T, width]`, float32, of a clip of at least one sample, float32 `[samples]`. T may be less
   * than `lengthOf` says, or 0, if it depends on the sound.
   */
  statesOf(ops: Ops, samples: Value): Value;
}

/**
 * Returns a graph that computes each clip of a batch by itself, in a loop: so padding and the rest of the
 * batch change nothing. A clip without samples has no states.
 */
export function speechGraph({ width, lengthOf, statesOf }: ClipGraph): EncoderGraph<ArrayLike<number>> {
  const ops = graphBuilder();
  const { size, max, min, cast, unsqueeze, range, less } = ops;
  const waveform: Value = { name: "waveform", type: "float32" };
  const given: Value = { name: "waveform_length", type: "int64" };
  const room = size(waveform, 1), counts = max(min(given, room), 0);
  const most = lengthOf(ops, max(room, 1));
  const [states, lengths] = ops.loop(size(waveform, 0), (ops, i) => {
    const count = ops.gather(counts, i), own = ops.slice(ops.gather(waveform, i), 0, count);
    const samples = ops.padEnd(own, ops.sub(1, ops.min(count, 1)), 0, 1); // an empty clip: one zero
    const states = statesOf(ops, samples), length = ops.size(states, 0);
    return [ops.padEnd(states, ops.sub(most, length), 0, 2), ops.mul(length, ops.min(count, 1))];
  });
  const mask = cast(less(range(most), unsqueeze(lengths, 1)), "int64");
  return {
    ports: WAVEFORM_PORTS,
    about: { sample_rate: SAMPLE_RATE },
    rowOf: (samples) => samples,
    feed: feedSamples,
    model: encodeGraph(ops.graph(
      [[waveform, ["batch", "samples"]], [given, ["batch"]]],
      [["states", states, ["batch", "speech_length", width]], ["mask", mask, ["batch", "speech_length"]]],
    )),
  };
}
