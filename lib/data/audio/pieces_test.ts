import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { random } from "../../random.ts";
import { speechPieces } from "./pieces.ts";
import { spansOf, SPEECH_FRAME } from "./spans.ts";

const FRAME = SPEECH_FRAME / 16000;
/** Probabilities of speech: 1 within the stretches (s), 0 elsewhere. */
const speechIn = (seconds: number, ...stretches: [number, number][]) =>
  Array.from(
    { length: Math.ceil(seconds / FRAME) },
    (_, i) => Number(stretches.some(([from, to]) => i * FRAME >= from && i * FRAME < to)),
  );

Deno.test("stretches of speech share a piece as long as they fit", () => {
  const probabilities = speechIn(20, [1, 3], [4, 6], [9, 12], [17, 18]);
  const rounded = speechPieces(probabilities, 20, 6).map((
    { start, end },
  ) => [Math.round(start), Math.round(end)]);
  deepEqual(rounded, [[1, 6], [9, 12], [17, 18]]);
  deepEqual(speechPieces(speechIn(5), 5, 6), []);
});

Deno.test("a stretch that is too long is cut where speech is least likely", () => {
  const probabilities = speechIn(10, [0, 10]), dip = Math.floor(4.5 / FRAME);
  probabilities[dip] = 0.4; // above the end of speech
  const [first, second] = speechPieces(probabilities, 10, 6);
  deepEqual([first.end, second.start], [(dip + 0.5) * FRAME, (dip + 0.5) * FRAME]);
  equal(second.end, 10);
});

Deno.test("pieces hold all speech, in order, without overlap, and none is too long", () => {
  const { uniform } = random(3);
  for (let trial = 0; trial < 50; trial++) {
    const seconds = 1 + 40 * uniform(), longest = 1 + 9 * uniform();
    const probabilities = Array.from(
      { length: Math.ceil(seconds / FRAME) },
      (_, i) => (Math.sin(i / 30) + 1 + uniform()) / 3,
    );
    const pieces = speechPieces(probabilities, seconds, longest);
    for (const [i, { start, end }] of pieces.entries()) {
      ok(start < end && end - start <= longest + 1e-9 && end <= seconds);
      if (i > 0) ok(pieces[i - 1].end <= start);
    }
    for (const { start, end } of spansOf(probabilities, seconds)) {
      for (let time = start; time < end; time += 0.1) {
        ok(pieces.some((piece) => piece.start - 1e-9 <= time && time <= piece.end + 1e-9));
      }
    }
  }
});
