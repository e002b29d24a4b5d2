import { deepEqual } from "../testing/assert.ts";
import { randomWords } from "../random.ts";
import { drawMask } from "./mask.ts";

Deno.test("each half of a stream's word decides one number, in order, for any length", () => {
  for (const length of [0, 1, 2, 7, 8, 9, 2 ** 14, 2 ** 14 + 3, 50_001]) {
    for (const [seed, rate] of [[0, 0.1], [0xffffffff, 0.5], [123456789, 0.999]]) {
      const halves = new Uint16Array(randomWords(seed, Math.ceil(length / 2)).buffer);
      const threshold = Math.round(rate * 2 ** 16), scale = Math.fround(1 / (1 - threshold / 2 ** 16));
      const mask = new Float32Array(length);
      drawMask(mask, seed, rate);
      deepEqual(
        mask,
        Float32Array.from(mask, (_, i) => halves[i] < threshold ? 0 : scale),
        `${length}, ${seed}`,
      );
    }
  }
});
