/** What a training run tells, in order: `started`, then per epoch its `step`s, an `epoch` and a `checkpoint`, at last `stopped`. */
import type { TrainState } from "./state.ts";

/** Whatever a training run tells. */
export type TrainEvent = StartedEvent | StepEvent | EpochEvent | CheckpointEvent | StoppedEvent;

/** The run begins. */
export interface StartedEvent {
  /** Which event. */
  type: "started";
  /** Epochs of the run. */
  epochs: number;
  /** Updates in an epoch. */
  stepsPerEpoch: number;
  /** Numbers in all parameters, frozen ones too. */
  parameters: number;
  /** Numbers in those that train in some epoch. */
  trainableParameters: number;
  /** Steps already done by the run that this one resumes; 0 for a fresh one. */
  step: number;
}

/** One update of the parameters. */
export interface StepEvent {
  /** Which event. */
  type: "step";
  /** Epoch from 0. */
  epoch: number;
  /** Updates so far in the whole run, this one included. */
  step: number;
  /** Mean loss over the rows of this update. */
  loss: number;
  /** Highest learning rate in force in any group. */
  lr: number;
  /** Global L2 norm of the mean gradient, before clipping. */
  gradientNorm: number;
  /** Training rows per second, over this epoch so far. */
  rowsPerSecond: number;
  /** Share of the whole run that is done, in (0, 1]. */
  progress: number;
}

/** An epoch has ended. */
export interface EpochEvent {
  /** Which event. */
  type: "epoch";
  /** Epoch from 0. */
  epoch: number;
  /** Updates so far. */
  step: number;
  /** Mean loss over the epoch's rows, each at the parameters of its step. */
  trainLoss: number;
  /** What `evaluate` gave. */
  dev: Record<string, number | null>;
  /** Whether it is the best so far on dev. */
  isBest: boolean;
}

/**
 * A point to go on from. Parameters are the problem's own and `state` is the live one: save both before asking for the
 * next event.
 */
export interface CheckpointEvent {
  /** Which event. */
  type: "checkpoint";
  /** Epoch from 0. */
  epoch: number;
  /** Updates so far. */
  step: number;
  /** Whether the epoch that has just ended is the best so far on dev. */
  isBest: boolean;
  /**
   * All that resuming needs beside the parameters.
   * @internal
   */
  state: TrainState;
}

/** The run has ended. */
export interface StoppedEvent {
  /** Which event. */
  type: "stopped";
  /** All epochs done, no better epoch for `patience` of them, or the signal. */
  reason: "finished" | "patience" | "aborted";
  /** Updates in all. */
  step: number;
  /** Best epoch on dev, from 0; null where none ended. */
  bestEpoch: number | null;
  /** Its metric; null where none ended. */
  best: number | null;
}
