/// <reference lib="dom" />
/** Records the microphone as samples, without the browser's own changes to the sound. */
import { LONGEST } from "./predictor.ts";

/** A recording that goes on. */
export interface Recorder {
  /** Ends it, and frees the microphone. */
  stop(): Promise<{ samples: Float32Array<ArrayBuffer>; rate: number }>;
}

/** Why there is no microphone, by the name of the browser's error. */
const REASONS: Record<string, string> = {
  NotAllowedError: "The microphone is not allowed. Allow it for this page in the browser, or choose a file.",
  NotFoundError: "There is no microphone. Connect one, or choose a file.",
  NotReadableError: "Another program uses the microphone. Close it, or choose a file.",
};

/**
 * Starts a recording. Tells its seconds and its level, 0 to 1, as it goes on, and calls `onFull` once it is
 * as long as an utterance may be. Throws an error that says why there is no microphone.
 */
export async function startRecording(
  onLevel: (seconds: number, level: number) => void,
  onFull: () => void,
): Promise<Recorder> {
  if (!navigator.mediaDevices) {
    throw new Error("Browsers give the microphone to pages from https or this machine alone. Choose a file.");
  }
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: plain }).catch((error) => {
    throw new Error(REASONS[error.name] ?? `The microphone can't be used (${error.message}). Choose a file.`);
  });
  const context = new AudioContext(), rate = context.sampleRate, most = LONGEST * rate;
  const free = async () => {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
  };
  await context.audioWorklet.addModule("recorder.js").catch(async () => {
    await free();
    throw new Error("The file recorder.js beside this page can't be read. Build the page again.");
  });
  const blocks: Float32Array[] = [], node = new AudioWorkletNode(context, "recorder");
  let length = 0, level = 0;
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    if (length >= most) return;
    blocks.push(data.subarray(0, most - length));
    length += blocks.at(-1)!.length;
    level = Math.max(0.95 * level, ...data.map(Math.abs)); // falls slowly, so that the eye can follow
    onLevel(length / rate, level);
    if (length >= most) onFull();
  };
  context.createMediaStreamSource(stream).connect(node).connect(context.destination); // its output is silent
  return {
    async stop() {
      await free();
      const samples = new Float32Array(length);
      let at = 0;
      for (const block of blocks) {
        samples.set(block, at);
        at += block.length;
      }
      return { samples, rate };
    },
  };
}
