/** Hears the words of one clip: speech is found first, and only speech is heard. */
import { readClip, SAMPLE_RATE, speechPieces, speechProbabilities } from "../../data/mod.ts";
import type { Recogniser } from "../../encoders/mod.ts";
import type { Transcript } from "./record.ts";

/** Languages that write no spaces between words, by their codes. */
const SPACELESS = ["zh", "yue", "ja", "th", "lo", "my", "km"];

/**
 * Returns the words of a clip with times from its start, and how much speech there is. Throws UndertoneError
 * if the clip can't be decoded.
 */
export async function hearClip(
  path: string,
  model: Pick<Recogniser, "longest" | "language" | "hear">,
  signal?: AbortSignal,
): Promise<Pick<Transcript, "seconds" | "speech" | "text" | "segments">> {
  const { samples } = await readClip(path), seconds = samples.length / SAMPLE_RATE;
  const stream = await speechProbabilities();
  const probabilities = [...await stream.next(samples), ...await stream.end()];
  const pieces = speechPieces(probabilities, seconds, model.longest);
  const segments: Transcript["segments"] = [], texts: string[] = [];
  let speech = 0;
  for (const { start, end } of pieces) {
    signal?.throwIfAborted();
    speech += end - start;
    const heard = await model.hear(
      samples.subarray(Math.round(start * SAMPLE_RATE), Math.round(end * SAMPLE_RATE)),
    );
    const text = heard.map(({ text }) => text).join("").trim();
    if (text !== "") texts.push(text);
    segments.push(...heard.map((segment) => ({
      start: milliseconds(start + segment.start),
      end: milliseconds(Math.min(start + segment.end, end)),
      text: segment.text.trim(),
    })));
  }
  const space = SPACELESS.includes(model.language ?? "") ? "" : " ";
  const text = texts.join(space).replaceAll(/\s+/g, " ");
  return { seconds: milliseconds(seconds), speech: milliseconds(speech), text, segments };
}

const milliseconds = (time: number): number => Math.round(1000 * time) / 1000;
