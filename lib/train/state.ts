/**
 * The position of a training run and its best epoch on dev so far, as plain records that are saved unchanged.
 */
import type { Scaling } from "./loss_scaling.ts";
import type { ParameterState } from "./optimizer.ts";

/** Everything that a run needs, besides its parameters, to resume exactly. */
export interface TrainState {
  /** Epoch in progress, from 0; `batch` counts its completed batches. */
  epoch: number;
  batch: number;
  /** Updates in the whole run. */
  step: number;
  /** Summed loss of this epoch's completed batches; `lossWeight` is their summed weight. */
  lossSum: number;
  lossWeight: number;
  early: EarlyStop;
  /** The loss scale of a run in half precision. */
  scaling?: Scaling;
  /** The optimiser's state of each parameter that it has updated. */
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

/** The best epoch on dev so far, and the number of epochs since. */
export interface EarlyStop {
  /** Metric of the best epoch; null before the first epoch, or if it is undefined. */
  best: number | null;
  /** The best epoch, from 0; null before the first epoch ends. */
  bestEpoch: number | null;
  /** Epochs since the best one. */
  waited: number;
}

export const newEarlyStop = (): EarlyStop => ({ best: null, bestEpoch: null, waited: 0 });

/**
 * Returns the record after an epoch. The first epoch is always the best so far. A later epoch must beat it:
 * neither an equal value nor null, an undefined metric, does.
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

/** Returns whether `patience` epochs passed without a better one. A patience of 0 never stops. */
export const exhausted = ({ waited }: EarlyStop, patience: number): boolean =>
  patience > 0 && waited >= patience;
