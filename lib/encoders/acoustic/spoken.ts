/** The speech of a clip without the silence and noise around it. */
import { SPEECH_FRAME, speechProbabilities } from "../../data/mod.ts";
import { rms } from "./descriptors.ts";
import { FRAME, HOP } from "./spectrum.ts";

/** A probability of speech from which sound counts. Shouting and sobbing get less than 0.5, noise about 0.05. */
export const LIKELY = 0.2;
/** Probabilities on either side of a likely one whose sound counts too: 0.26 s. */
export const AROUND = 8;
/** Speech is at most this much quieter than the loudest speech: 40 dB, as a ratio of amplitudes. */
export const QUIETEST = 0.01;
/** Short frames of the longest pause that stays: 0.3 s. */
export const PAUSE = 30;
/** Samples from the start of a short frame to its middle hop. */
export const MIDDLE = (FRAME - HOP) / 2;

/**
 * Returns the speech of a clip: the middle hops of its spoken frames, one after the other. It is empty if the
 * clip has no speech.
 */
export async function spokenPart(samples: Float32Array): Promise<Float32Array> {
  if (samples.length === 0) return samples;
  const stream = await speechProbabilities();
  const probabilities = [...await stream.next(samples), ...await stream.end()];
  const frames = spokenFrames(rms(samples), probabilities);
  const part = new Float32Array(frames.length * HOP);
  frames.forEach((frame, i) => {
    const from = frame * HOP + MIDDLE;
    part.set(samples.subarray(from, from + HOP), i * HOP); // zeros follow a clip shorter than a frame
  });
  return part;
}

/**
 * Returns the short frames that are spoken: near likely speech and loud enough, and the pauses between such
 * frames, if they are short. `levels` are the frames' root mean squares.
 *
 * Loudness decides where speech begins and ends, since the model's probabilities depend on what came before.
 */
export function spokenFrames(levels: Float64Array, probabilities: ArrayLike<number>): number[] {
  const near = (frame: number) => {
    const place = Math.floor((frame * HOP + FRAME / 2) / SPEECH_FRAME);
    for (let i = Math.max(0, place - AROUND); i <= place + AROUND; i++) {
      if (probabilities[i] >= LIKELY) return true;
    }
    return false;
  };
  const likely = Array.from(levels, (level, frame) => near(frame) ? level : 0);
  const loudest = likely.reduce((a, b) => Math.max(a, b), 0);
  const spoken: number[] = [];
  likely.forEach((level, frame) => {
    if (level <= QUIETEST * loudest) return;
    const last = spoken.at(-1);
    if (last !== undefined && frame - last <= PAUSE) {
      for (let i = last + 1; i < frame; i++) spoken.push(i);
    }
    spoken.push(frame);
  });
  return spoken;
}
