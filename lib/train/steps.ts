/** The interface of a training step; host_steps.ts and device_steps.ts implement it. */
import type { Within } from "../compute/mod.ts";
import type { Params } from "../nn/mod.ts";
import type { LossOf, MicroBatch } from "./gradients.ts";
import type { Optimizer, ParameterState } from "./optimizer.ts";

export interface StepSettings {
  /** Upper bound on the gradient's global norm; 0 disables clipping. */
  clip: number;
  /** Returns the learning rate and weight decay of a parameter in this step. */
  ratesOf(name: string): { lr: number; weightDecay: number };
  /** Throws if the update must not be made; the parameters then stay unchanged. */
  accept(loss: number, gradientNorm: number): void;
}

export interface Steps extends Disposable {
  /** Updates the parameters `trained` once, by the mean gradient over all rows of the batches. */
  update(
    trained: readonly string[],
    batches: readonly MicroBatch[],
    settings: StepSettings,
  ): Promise<StepSums>;
  /** Returns the optimiser's state of each updated parameter, as plain numbers. */
  states(): Promise<Record<string, ParameterState>>;
}

/** Summed loss and weight of a step's rows, and the norm of the mean gradient. */
export interface StepSums {
  loss: number;
  weight: number;
  /** Null if the step was skipped, because a gradient overflowed half precision. */
  gradientNorm: number | null;
}

/** The loss, parameters and optimiser of a run. */
export interface TrainingTask {
  loss: LossOf;
  /** Calls a forward pass with its gradients in the precision of the run. Default: as it is. */
  within?: Within;
  /** Every parameter that the loss reads. */
  params: Params;
  /** Names of the parameters that train in at least one epoch. */
  everTrained: readonly string[];
  optimizer: Optimizer;
  /** The optimiser's states to resume from. */
  states: Record<string, ParameterState>;
}
