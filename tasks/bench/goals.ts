/** What Undertone aims at beside PyTorch, and which cases of a benchmark miss it. */
import type { Measured } from "./measure.ts";

/**
 * The least ratio of times, against PyTorch's fastest variant, and the largest of peak memory; the least
 * ratio of openSMILE's time to that of the embedded speech encoder; the largest ratios of the first epoch's
 * time to the second's, and of an ablation by two processes on two cores to that of one.
 */
export const GOALS = { time: 1.2, memory: 1, features: 2, firstEpoch: 1.15, launched: 0.75 };

/** Says which cases miss a goal, by how much; undefined if nothing was compared. */
export function goalText(measured: readonly Measured[]): string | undefined {
  const times = measured.flatMap(({ case: id, pytorch }) =>
    pytorch?.length ? [{ id, ratio: Math.min(...pytorch.map(({ ratio }) => ratio)) }] : []
  );
  const sizes = measured.flatMap(({ case: id, memory_ratio: ratio }) =>
    ratio === undefined ? [] : [{ id, ratio }]
  );
  if (times.length === 0) return undefined;
  const told = (missed: readonly { id: string; ratio: number }[], all: number) =>
    missed.length === 0
      ? `all of ${all}`
      : `${all - missed.length} of ${all}, not by ${
        missed.map(({ id, ratio }) => `${id} (${ratio.toFixed(2)})`).join(", ")
      }`;
  const slow = times.filter(({ ratio }) => ratio < GOALS.time);
  const large = sizes.filter(({ ratio }) => ratio > GOALS.memory);
  return `Goals. Time of PyTorch's fastest variant at least ${GOALS.time} times ours: reached by ${
    told(slow, times.length)
  }.` +
    (sizes.length > 0 ? ` Peak memory at most PyTorch's: reached by ${told(large, sizes.length)}.` : "");
}
