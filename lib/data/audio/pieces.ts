/** Divides sound with speech into pieces that a model of limited length reads. */
import { SAMPLE_RATE } from "./resample.ts";
import { type Span, spansOf, SPEECH_FRAME, type SpeechOptions } from "./spans.ts";

const FRAME = SPEECH_FRAME / SAMPLE_RATE;

/**
 * Returns pieces of at most `longest` s that hold all speech, in order and without overlap, from the
 * probability of speech in each SPEECH_FRAME samples of a sound of `seconds` s. Stretches of speech share a
 * piece, with the pause between them, as long as they fit. A longer stretch is cut where speech is least
 * likely in the second half of what fits. Empty if there is no speech.
 */
export function speechPieces(
  probabilities: ArrayLike<number>,
  seconds: number,
  longest: number,
  options?: SpeechOptions,
): Span[] {
  const pieces: Span[] = [];
  for (const { start, end } of spansOf(probabilities, seconds, options)) {
    const last = pieces.at(-1);
    if (last && end - last.start <= longest) {
      last.end = end;
      continue;
    }
    let from = start;
    while (end - from > longest) {
      const cut = quietest(probabilities, from + longest / 2, from + longest);
      pieces.push({ start: from, end: cut });
      from = cut;
    }
    pieces.push({ start: from, end });
  }
  return pieces;
}

/**
 * Returns the middle of the frame between two times in which speech is least likely; the last if all are
 * alike.
 */
function quietest(probabilities: ArrayLike<number>, from: number, to: number): number {
  const first = Math.ceil(from / FRAME), end = Math.floor(to / FRAME);
  let best = -1;
  for (let i = first; i < end; i++) if (best < 0 || probabilities[i] <= probabilities[best]) best = i;
  return best < 0 ? to : (best + 0.5) * FRAME;
}
