import { deepEqual, equal, ok } from "../testing/assert.ts";
import { windowsOver } from "./windows.ts";

Deno.test("windows keep every state once, and overlap by at least half", () => {
  for (const length of [16, 17, 64]) {
    for (let total = length + 1; total < 6 * length; total++) {
      const windows = windowsOver(total, length);
      equal(windows[0].from, 0);
      equal(windows.at(-1)!.to, total);
      for (const [i, { start, from, to }] of windows.entries()) {
        ok(start <= from && from < to && to <= start + length && start + length <= total);
        if (i === 0) continue;
        equal(from, windows[i - 1].to);
        ok(windows[i - 1].start + length - start >= length / 2 - 0.5, "overlap");
      }
    }
  }
});

Deno.test("a state is kept by the window in which it is nearest to the middle", () => {
  deepEqual(windowsOver(20, 8), [
    { start: 0, from: 0, to: 6 },
    { start: 4, from: 6, to: 10 },
    { start: 8, from: 10, to: 14 },
    { start: 12, from: 14, to: 20 },
  ]);
});
