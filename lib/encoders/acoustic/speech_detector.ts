/**
 * The model that finds speech, run over many frames at once. lib/data/audio/speech.ts runs it frame by
 * frame.
 */
import { Tensor } from "onnxruntime-node";
import { requireFiniteSamples, SPEECH_FRAME } from "../../data/mod.ts";
import { encodeGraph, graphBuilder, type Value } from "../onnx_graph/builder.ts";
import { openSession } from "../onnx_session.ts";
import { CONTEXT, continuedActivity, speechWeights, WIDTH } from "./graph/voice_activity.ts";

/**
 * Returns the probability of speech in each SPEECH_FRAME samples of a clip. The last frame is filled up with
 * zeros. Throws UndertoneError if a sample is NaN or infinite.
 */
export type SpeechDetector = (samples: Float32Array) => Promise<Float32Array>;

/** Frames that the model reads at once: 66 s. It bounds the memory for a long clip. */
const FRAMES_AT_ONCE = 2048;

let loaded: Promise<SpeechDetector> | undefined;

/** Loads the model once. A failure is not kept. */
export function speechDetector(): Promise<SpeechDetector> {
  loaded ??= load(FRAMES_AT_ONCE).catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** Loads the model so that it reads this many frames at once. */
export async function load(framesAtOnce: number): Promise<SpeechDetector> {
  const ops = graphBuilder(), float = (name: string): Value => ({ name, type: "float32" });
  const part = float("part"), hidden = float("hidden"), cell = float("cell"), state = [1, 1, WIDTH];
  const found = continuedActivity(ops, part, await speechWeights(), [hidden, cell]);
  const session = await openSession(
    encodeGraph(ops.graph(
      [[part, ["samples"]], [hidden, state], [cell, state]],
      [
        ["probabilities", found.probabilities, ["frames"]],
        ["next_hidden", found.state[0], state],
        ["next_cell", found.state[1], state],
      ],
    )),
    { threads: 1 },
  );
  return async (samples) => {
    requireFiniteSamples(samples);
    const probabilities = new Float32Array(Math.ceil(samples.length / SPEECH_FRAME));
    let before = new Tensor("float32", new Float32Array(WIDTH), state), memory = before;
    for (let frame = 0; frame < probabilities.length; frame += framesAtOnce) {
      const from = frame * SPEECH_FRAME, to = Math.min(samples.length, from + framesAtOnce * SPEECH_FRAME);
      const part = new Float32Array(CONTEXT + to - from), start = Math.max(0, from - CONTEXT);
      part.set(samples.subarray(start, to), CONTEXT - (from - start));
      const next = await session.run({
        part: new Tensor("float32", part, [part.length]),
        hidden: before,
        cell: memory,
      });
      probabilities.set(next.probabilities.data as Float32Array, frame);
      [before, memory] = [next.next_hidden, next.next_cell] as Tensor[] as typeof before[];
    }
    return probabilities;
  };
}
