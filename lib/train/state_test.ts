import { deepEqual, equal } from "../testing/assert.ts";
import { exhausted, newEarlyStop, observe } from "./state.ts";

/** Returns which epochs were the best so far, and the epoch after which the run stopped. */
function watch(values: number[], higherIsBetter: boolean, patience: number) {
  let state = newEarlyStop();
  const best: number[] = [];
  for (const [epoch, value] of values.entries()) {
    const { isBest, ...next } = observe(state, epoch, value, higherIsBetter);
    state = next;
    if (isBest) best.push(epoch);
    if (exhausted(state, patience)) return { best, stopped: epoch, state };
  }
  return { best, stopped: null, state };
}

Deno.test("stops after `patience` epochs without a better one and keeps the best", () => {
  deepEqual(watch([0.1, 0.3, 0.3, 0.2, 0.9], true, 2), {
    best: [0, 1],
    stopped: 3,
    state: { best: 0.3, bestEpoch: 1, waited: 2 },
  });
});

Deno.test("for a loss, lower is better", () => {
  deepEqual(watch([2, 1, 1.5, 0.5], false, 2).best, [0, 1, 3]);
});

Deno.test("NaN is never best; patience 0 never stops", () => {
  deepEqual(watch([NaN, 0, NaN, NaN], true, 0), {
    best: [1],
    stopped: null,
    state: { best: 0, bestEpoch: 1, waited: 2 },
  });
  equal(exhausted({ best: null, bestEpoch: null, waited: 99 }, 0), false);
});

Deno.test("an undefined value is the best only until the first defined one", () => {
  const first = observe(newEarlyStop(), 0, null, true);
  deepEqual(first, { best: null, bestEpoch: 0, waited: 0, isBest: true });
  equal(observe(first, 1, null, true).isBest, false);
  deepEqual(observe(first, 1, 0.2, true), { best: 0.2, bestEpoch: 1, waited: 0, isBest: true });
});
