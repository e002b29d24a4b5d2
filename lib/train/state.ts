/** Where a training run stands, and which epoch is the best on dev so far. Plain records, saved as they are. */
import type { ParameterState } from "./optimizer.ts";

/** All that a run needs, beside its parameters, to go on as if it had never stopped. */
export interface TrainState {
  /** Epoch in progress, from 0, and how many of its batches are done. */
  epoch: number;
  batch: number;
  /** Updates in the whole run. */
  step: number;
  /** Summed loss and weight of the batches done in this epoch. */
  lossSum: number;
  lossWeight: number;
  early: EarlyStop;
  /** What the optimiser remembers of each parameter that it has changed. */
  optimizer: Record<string, ParameterState>;
}

export const newTrainState = (): TrainState => ({
  epoch: 0,
  batch: 0,
  step: 0,
  lossSum: 0,
  lossWeight: 0,
  early: newEarlyStop(),
  optimizer: {},
});

/** The best epoch on dev so far, and how long ago that was. */
export interface EarlyStop {
  /** Metric of the best epoch so far. */
  best: number | null;
  /** That epoch, from 0. */
  bestEpoch: number | null;
  /** Epochs since then. */
  waited: number;
}

export const newEarlyStop = (): EarlyStop => ({ best: null, bestEpoch: null, waited: 0 });

/**
 * The record after an epoch. The first epoch is the best so far whatever its value; an equal value is no better, and
 * neither is null, which stands for a metric that is undefined on these rows.
 */
export function observe(
  { best, bestEpoch, waited }: EarlyStop,
  epoch: number,
  value: number | null,
  higherIsBetter: boolean,
): EarlyStop & { isBest: boolean } {
  const beats = value !== null && (best === null || (higherIsBetter ? value > best : value < best));
  const better = !Number.isNaN(value) && (bestEpoch === null || beats);
  return better
    ? { best: value, bestEpoch: epoch, waited: 0, isBest: true }
    : { best, bestEpoch, waited: waited + 1, isBest: false };
}

/** Whether `patience` epochs went by without a better one; a patience of 0 waits for ever. */
export const exhausted = ({ waited }: EarlyStop, patience: number): boolean =>
  patience > 0 && waited >= patience;
