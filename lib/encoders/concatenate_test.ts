import { deepEqual, throws } from "../testing/assert.ts";
import type { SpeechEncoder } from "./encoder.ts";
import { concatenateEncoders } from "./concatenate.ts";

/** An encoder with one state per sample, plus `more`: state t is `width` times t + first. */
const counting = (id: string, first: number, width: number, more: number, rate = 10): SpeechEncoder => ({
  id,
  modality: "audio",
  fingerprint: id,
  width,
  rate,
  encode: (batch) =>
    Promise.resolve(batch.map(({ length }) => ({
      data: Float32Array.from({ length: (length + more) * width }, (_, i) => first + Math.floor(i / width)),
      length: length + more,
      width,
    }))),
});

Deno.test("states are concatenated, as many as the shortest sequence has", async () => {
  const both = concatenateEncoders([counting("a", 0, 1, 1), counting("b", 100, 2, 0)]);
  deepEqual([both.id, both.width, both.rate], ["a+b", 3, 10]);
  deepEqual(await both.encode([new Float32Array(2), new Float32Array(0)]), [
    { data: new Float32Array([0, 100, 100, 1, 101, 101]), length: 2, width: 3 },
    { data: new Float32Array(0), length: 0, width: 3 },
  ]);
});

Deno.test("an encoder that reads the speech alone is not combined with one that reads the whole clip", () => {
  const speech = { ...counting("acoustic@2", 0, 1, 0), nothing: "has no speech" };
  throws(
    () => concatenateEncoders([speech, counting("b", 0, 1, 0)]),
    /whole clip but found acoustic@2, whose states cover its speech alone at the encoder 'acoustic@2\+b'\. .*acoustic@1/,
  );
});

Deno.test("the notes of every encoder are kept", () => {
  const notes = (id: string, ...notes: string[]) => ({ ...counting(id, 0, 1, 0), notes });
  deepEqual(concatenateEncoders([notes("a", "one"), counting("b", 0, 1, 0), notes("c", "two")]).notes, [
    "one",
    "two",
  ]);
});

Deno.test("different rates are refused", () => {
  throws(
    () => concatenateEncoders([counting("a", 0, 1, 0), counting("b", 0, 1, 0, 25)]),
    /Expected speech encoders of one rate \(a: 10 Hz\) but found b with 25 Hz at the encoder 'a\+b'/,
  );
});
