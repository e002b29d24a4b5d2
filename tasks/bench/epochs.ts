/** Runs a training run as rounds of a benchmark. A round is an epoch. */
import type { TrainEvent } from "../../lib/train/mod.ts";

type Run = AsyncGenerator<TrainEvent, void>;

/** Continues the run to the end of the epoch. */
export async function nextEpoch(run: Run): Promise<void> {
  for (;;) {
    const { value, done } = await run.next();
    if (done) throw new Error("no epoch is left");
    if (value.type === "checkpoint") return;
  }
}

/**
 * Returns the losses of the run's first steps and ends it. There are fewer if the first epoch has fewer
 * steps.
 */
export async function firstLosses(run: Run, count: number): Promise<number[]> {
  const losses: number[] = [];
  for await (const event of run) {
    if (event.type === "step") losses.push(event.loss);
    if (losses.length === count || event.type === "checkpoint") break;
  }
  return losses;
}
