/** Where a training run stands. */
import { type EarlyStop, newEarlyStop } from "./early_stop.ts";
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
