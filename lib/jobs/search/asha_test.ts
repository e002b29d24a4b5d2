import { deepEqual, equal } from "../../testing/assert.ts";
import { nextJob, rungsOf } from "./asha.ts";

Deno.test("rungs grow by eta, and the last one is all epochs", () => {
  deepEqual(rungsOf(1, 3, 27), [1, 3, 9, 27]);
  deepEqual(rungsOf(1, 3, 10), [1, 3, 10]);
  deepEqual(rungsOf(2, 2, 7), [2, 7]);
  deepEqual(rungsOf(5, 3, 4), [4]);
});

/** Runs all jobs, where a trial's score is `table[trial][rung]`. Returns them as `trial/rung`. */
function jobs(
  table: readonly (readonly (number | null)[])[],
  { eta = 2, higherIsBetter = true, rungs = table[0].length } = {},
): string[] {
  const scores: (number | null)[][] = [], order: string[] = [];
  const next = () => nextJob(scores, { rungs, eta, trials: table.length, higherIsBetter });
  for (let job = next(); job; job = next()) {
    (scores[job.trial] ??= []).push(table[job.trial][job.rung]);
    order.push(`${job.trial}/${job.rung}`);
  }
  return order;
}

Deno.test("trials are promoted as in an example that was worked by hand", () => {
  // With eta 2, half of those in a rung go on, rounded down, the highest rung first: 0 alone: none. 0, 1: the
  // better, 1. Rung 1 holds 1 alone. 2 starts; of three in rung 0 one may go on: 2 is best now and goes on;
  // rung 1 holds 1 and 2, and 1 is better there, so it goes on to rung 2. 3 starts; two of four may go on: 2
  // and 1, which have.
  const table = [[0.1, 0.2, 0.2], [0.5, 0.7, 0.8], [0.6, 0.65, 0.7], [0.3, 0.4, 0.9]];
  deepEqual(jobs(table), ["0/0", "1/0", "1/1", "2/0", "2/1", "1/2", "3/0"]);
  const losses = table.map((row) => row.map((score) => 1 - score));
  deepEqual(jobs(losses, { higherIsBetter: false }), jobs(table));
});

Deno.test("a failed trial never goes on, and with one rung every trial is trained once", () => {
  deepEqual(jobs([[null, 1], [null, 1], [null, 1]]), ["0/0", "1/0", "2/0"]);
  deepEqual(jobs([[0.1], [0.2], [null]]), ["0/0", "1/0", "2/0"]);
  equal(nextJob([], { rungs: 1, eta: 3, trials: 0, higherIsBetter: true }), undefined);
});

Deno.test("a trial that another process trains counts in no rung, and is not started again", () => {
  const given = { rungs: 2, eta: 3, trials: 4, higherIsBetter: true };
  deepEqual(nextJob([[0.1], [undefined], [undefined]], given), { trial: 3, rung: 0 });
  deepEqual(nextJob([[0.1], [undefined], [0.3], [0.2]], given), { trial: 2, rung: 1 });
  deepEqual(nextJob([[0.1], [0.1], [0.3, undefined], [0.2]], given), undefined);
});
