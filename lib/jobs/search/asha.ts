/** Asynchronous successive halving (Li et al. 2018, algorithm 2): which trial trains next, and how far. */

/**
 * The scores of one trial: after each rung that it has reached, null if it failed there, and undefined if
 * another process still trains it.
 */
export type RungScores = readonly (number | null | undefined)[];

/** What trains next: a trial, up to the end of a rung. */
export interface Job {
  /** Number of the trial, from 0. */
  trial: number;
  /** Rung, from 0. */
  rung: number;
}

/** Returns the epochs of each rung: `first`, then `eta` times as many, and at last all. */
export function rungsOf(first: number, eta: number, epochs: number): number[] {
  const rungs: number[] = [];
  for (let r = first; r * eta <= epochs; r *= eta) rungs.push(r);
  return [...rungs, epochs];
}

/**
 * Returns the next job. The highest rung with a trial to promote comes first: one of the best 1 of `eta` that
 * has not gone on. If there is none, a new trial starts. Returns undefined when nothing is left.
 */
export function nextJob(
  scores: readonly RungScores[],
  { rungs, eta, trials, higherIsBetter }: {
    rungs: number;
    eta: number;
    trials: number;
    higherIsBetter: boolean;
  },
): Job | undefined {
  const sign = higherIsBetter ? 1 : -1;
  for (let rung = rungs - 2; rung >= 0; rung--) {
    const there = [...scores.keys()].filter((trial) => scores[trial][rung] !== undefined);
    const value = (trial: number) => {
      const score = scores[trial][rung] ?? null;
      return score === null ? -Infinity : sign * score;
    };
    const best = there.toSorted((a, b) => value(b) === value(a) ? a - b : value(b) - value(a))
      .slice(0, Math.floor(there.length / eta));
    const trial = best.find((trial) => scores[trial].length === rung + 1 && scores[trial][rung] !== null);
    if (trial !== undefined) return { trial, rung: rung + 1 };
  }
  return scores.length < trials ? { trial: scores.length, rung: 0 } : undefined;
}
