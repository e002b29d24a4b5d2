/**
 * The events of a training run. `started` comes first, then for each epoch its `step`s, an `epoch` and a
 * `checkpoint`, and `stopped` comes last.
 */
import type { TrainState } from "./state.ts";

/** Any event of a training run. */
export type TrainEvent = StartedEvent | StepEvent | EpochEvent | CheckpointEvent | StoppedEvent;

/** The run begins. */
export interface StartedEvent {
  /** Which event. */
  type: "started";
  /** Epochs of the run. */
  epochs: number;
  /** Updates in an epoch. */
  stepsPerEpoch: number;
  /** Size of all parameters, including frozen ones. */
  parameters: number;
  /** Size of the parameters that train in at least one epoch. */
  trainableParameters: number;
  /** Steps done before this run was resumed; 0 for a new run. */
  step: number;
}

/** One update of the parameters. */
export interface StepEvent {
  /** Which event. */
  type: "step";
  /** Epoch from 0. */
  epoch: number;
  /** Updates so far in the whole run, including this one. */
  step: number;
  /** Mean loss over the rows of this update. */
  loss: number;
  /** Highest learning rate in force in any group. */
  lr: number;
  /**
   * Global L2 norm of the mean gradient, before clipping. Null if the step changed nothing, because a
   * gradient overflowed half precision.
   */
  gradientNorm: number | null;
  /** Training rows per second, over this epoch so far. */
  rowsPerSecond: number;
  /** Completed share of the whole run, in (0, 1]. */
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
  /** Mean training loss over the epoch's rows, each computed with the parameters of its step. */
  trainLoss: number;
  /** The dev metrics that `evaluate` returned. */
  dev: Record<string, number | null>;
  /** Whether it is the best so far on dev. */
  isBest: boolean;
}

/**
 * A state that the run can resume from. The parameters and `state` are live objects: save both before you ask
 * for the next event.
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
   * Returns everything that resuming needs besides the parameters. Call it before you ask for the next event,
   * and before you save anything: it throws UndertoneError if a trained parameter or an optimiser slot is not
   * finite. Nothing is checked unless you call it.
   * @internal
   */
  state(): Promise<TrainState>;
}

/** The run has ended. */
export interface StoppedEvent {
  /** Which event. */
  type: "stopped";
  /**
   * `finished`: all epochs are done. `patience`: no better epoch for `patience` epochs. `aborted`: by the
   * signal.
   */
  reason: "finished" | "patience" | "aborted";
  /** Updates in the whole run. */
  step: number;
  /** Best epoch on dev, from 0; null if no epoch ended. */
  bestEpoch: number | null;
  /** Metric of the best epoch; null if no epoch ended or the metric is undefined. */
  best: number | null;
  /** Graphs that the engine compiled, about one per shape of a batch. Absent in runs of version 0.1. */
  compiles?: number;
  /** Time that it took to compile them, in seconds. Absent in runs of version 0.1. */
  compileSeconds?: number;
  /** Steps that changed nothing, because a gradient overflowed. Absent unless in half precision. */
  skippedSteps?: number;
}
