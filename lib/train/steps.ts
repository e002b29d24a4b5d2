/** Updates of the parameters, where the engine keeps them. */
import type { Params } from "../nn/mod.ts";
import type { LossOf, MicroBatch } from "./gradients.ts";
import type { Optimizer, ParameterState } from "./optimizer.ts";

export interface StepSettings {
  /** Bound on the gradient's global norm; 0 for none. */
  clip: number;
  /** Rate and decay in force for a parameter. */
  ratesOf(name: string): { lr: number; weightDecay: number };
  /** Throws where an update must not be made: the parameters then stay what they are. */
  accept(loss: number, gradientNorm: number): void;
}

export interface Steps extends Disposable {
  /** One update of the parameters `trained` by the mean over all rows of some batches. */
  update(
    trained: readonly string[],
    batches: readonly MicroBatch[],
    settings: StepSettings,
  ): Promise<StepSums>;
  /** What the optimiser remembers of each parameter that it has changed, as plain numbers. */
  states(): Promise<Record<string, ParameterState>>;
}

/** Summed loss and weight of a step's rows, and the norm of their mean's gradient. */
export interface StepSums {
  loss: number;
  weight: number;
  gradientNorm: number;
}

/** What a run trains. */
export interface TrainingTask {
  loss: LossOf;
  /** All that the loss reads. */
  params: Params;
  /** Names that train in some epoch. */
  everTrained: readonly string[];
  optimizer: Optimizer;
  /** What the optimiser remembers from before. */
  states: Record<string, ParameterState>;
}
