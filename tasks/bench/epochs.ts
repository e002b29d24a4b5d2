/** A training run as rounds of a benchmark: one is an epoch of it. */
import type { TrainEvent } from "../../lib/train/mod.ts";

type Run = AsyncGenerator<TrainEvent, void>;

/** Goes on with the run to the end of an epoch. */
export async function nextEpoch(run: Run): Promise<void> {
  for (;;) {
    const { value, done } = await run.next();
    if (done) throw new Error("no epoch is left");
    if (value.type === "checkpoint") return;
  }
}

/** Losses of the run's first steps, after which it ends; fewer where its first epoch has fewer. */
export async function firstLosses(run: Run, count: number): Promise<number[]> {
  const losses: number[] = [];
  for await (const event of run) {
    if (event.type === "step") losses.push(event.loss);
    if (losses.length === count || event.type === "checkpoint") break;
  }
  return losses;
}
