/**
 * The training loop. It knows parameters, batches and a loss, but no model. The reader of its events prints
 * and saves.
 */
import { currentEngine } from "../compute/mod.ts";
import { dropoutKeys, type Params } from "../nn/mod.ts";
import { badInput } from "../errors.ts";
import { requireFinite } from "../finite.ts";
import { deviceSteps } from "./device_steps.ts";
import { metricOf, requireFiniteMetrics } from "./dev_metrics.ts";
import type { TrainEvent } from "./events.ts";
import type { BatchFeed, LossOf } from "./gradients.ts";
import { everTrainable, type FreezePlan, type ParamGroup, resolveGroups, trainable } from "./groups.ts";
import { globalNorm, hostSteps } from "./host_steps.ts";
import { inHalfPrecision, newScaling, type Precision } from "./loss_scaling.ts";
import type { Optimizer, ParameterState } from "./optimizer.ts";
import { tensorsOf } from "./restore.ts";
import { rateFactor, type Schedule, warmupSteps } from "./schedule.ts";
import { exhausted, newTrainState, observe, type TrainState } from "./state.ts";

/** A training problem: parameters, batches and a loss. */
export interface Problem<Batch> {
  params: Params;
  /**
   * Returns the batches of an epoch, in order. The same epoch always gives the same batches, and every epoch
   * has equally many.
   */
  batches(epoch: number): readonly Batch[];
  /** Returns the number of rows of a batch. */
  rows(batch: Batch): number;
  /**
   * Returns the batch as plain numbers: everything that changes between steps, except parameters and dropout.
   * The trainer reads them before it asks for the next batch.
   */
  feed(batch: Batch): BatchFeed | Promise<BatchFeed>;
  /** The summed loss of a batch's inputs. Later steps of the same shapes may replay it without a call. */
  loss: LossOf;
  /**
   * Called before the run's first epoch, and before each epoch that trains other parameters than the previous
   * one, so that the output of frozen parts can be computed once. May return early if the run's signal is
   * aborted.
   */
  enter?(trained: readonly string[], epoch: number): Promise<void>;
  /** Returns the dev metrics of the current parameters; null for an undefined metric. */
  evaluate(): Promise<Record<string, number | null>>;
}

export interface TrainOptions {
  epochs: number;
  /** Micro-batches per update. The update equals that of one batch with all their rows. */
  accumulate: number;
  optimizer: Optimizer;
  groups: readonly ParamGroup[];
  schedule: Schedule["kind"];
  /** Share of the steps over which the rate rises from 0. */
  warmup: number;
  /** Upper bound on the gradient's global norm; 0 disables clipping. */
  clip: number;
  freeze: FreezePlan;
  /** Name of the metric of `evaluate` that chooses the best epoch. */
  select: string;
  higherIsBetter: boolean;
  /** Stops after this many epochs without a better one; 0 never stops. */
  patience: number;
  /** Seed of dropout. */
  seed: number;
  /** Default: fp32. */
  precision?: Precision;
}

export interface TrainControls {
  /** State of a checkpoint whose parameters are already restored. The run changes it in place. */
  resume?: TrainState;
  /** Stops the run after the current step and writes a checkpoint. */
  signal?: AbortSignal;
}

/**
 * Trains `problem.params` in place. Throws bad input if a loss or gradient is not finite; the parameters then
 * keep the values of the previous step. Throws bad input if dev metrics are not finite, and `state` of a
 * checkpoint event if parameters or optimiser slots are not, so that no such checkpoint is saved. Throws bad
 * input if `select` is not a metric of `evaluate`.
 */
export async function* train<Batch>(
  problem: Problem<Batch>,
  options: TrainOptions,
  { resume, signal }: TrainControls = {},
): AsyncGenerator<TrainEvent, void, undefined> {
  const { params } = problem, names = Object.keys(params), { epochs, optimizer } = options;
  const groups = resolveGroups(params, options.groups);
  const topRate = Math.max(...options.groups.map(({ lr }) => lr));
  const stepsPerEpoch = Math.ceil(problem.batches(0).length / options.accumulate);
  const total = stepsPerEpoch * epochs;
  const schedule = { kind: options.schedule, warmup: warmupSteps(options.warmup, total), total };
  const state = resume ?? newTrainState();
  const giveWay = pacer(), compiled = compiling();
  const everTrained = everTrainable(options.freeze, names, epochs);
  const plain = currentEngine().memory === "device" ? deviceSteps : hostSteps;
  const half = options.precision === "fp16";
  const stepsOn = half ? inHalfPrecision(plain, state.scaling ??= newScaling()) : plain;
  using steps = stepsOn({ loss: problem.loss, params, everTrained, optimizer, states: state.optimizer });
  let entered: string | undefined, saved = resume !== undefined;

  const advice = () =>
    "Lower the learning rate, lengthen the warm-up, clip lower or look for extreme values in the input" +
    (half ? ", or train with --precision fp32: half precision holds no number above 65,504" : "") +
    (saved ? "; the last checkpoint is still good." : ".");

  /** Makes one update from a chunk of micro-batches. `key` is the first one's number within the run. */
  const update = async (chunk: readonly Batch[], trained: readonly string[], key: number) => {
    const batches = chunk.map((batch, i) => ({
      feed: () => problem.feed(batch),
      context: { training: true, dropout: dropoutKeys(options.seed, key + i) },
    }));
    const factor = rateFactor(schedule, state.step);
    const { loss, weight, gradientNorm } = await steps.update(trained, batches, {
      clip: options.clip,
      ratesOf(name) {
        const { lr, weightDecay } = groups[name];
        return { lr: lr * factor, weightDecay };
      },
      accept: (loss, gradientNorm) =>
        requireFiniteStep(loss, gradientNorm, `step ${state.step + 1} (epoch ${state.epoch + 1})`, advice()),
    });
    state.step++;
    state.batch += chunk.length;
    state.lossSum += loss;
    state.lossWeight += weight;
    return { loss: loss / weight, gradientNorm, lr: topRate * factor };
  };

  /**
   * Returns the state with the optimiser's. Throws bad input if a slot or a trained parameter is not finite.
   */
  const soundState = async (epoch: number): Promise<TrainState> => {
    state.optimizer = await steps.states();
    const trained = Object.fromEntries(everTrained.map((name) => [name, params[name]]));
    const at = `step ${state.step} (epoch ${epoch + 1})`;
    const tensors = { ...await tensorsOf(trained), ...slotsOf(state.optimizer) };
    // A finite sum of squares proves that all values are finite, at less than half the cost of a look at
    // each. Only tensors without that proof are searched.
    const doubtful = Object.entries(tensors).filter(([, { data }]) =>
      !Number.isFinite(globalNorm([data as Float32Array]))
    );
    requireFinite(Object.fromEntries(doubtful), at, advice());
    saved = true;
    return state;
  };

  const checkpoint = (epoch: number, isBest: boolean): TrainEvent => ({
    type: "checkpoint",
    epoch,
    step: state.step,
    isBest,
    state: () => soundState(epoch),
  });

  /** Returns finite dev metrics. If there are none, a parameter that is not finite is the better reason. */
  const devMetrics = async (epoch: number) => {
    try {
      const dev = await problem.evaluate();
      requireFiniteMetrics(dev, `epoch ${epoch + 1}`, advice());
      return dev;
    } catch (error) {
      await soundState(epoch);
      throw error;
    }
  };

  const outcome = () => {
    if (state.epoch >= epochs) return "finished";
    if (exhausted(state.early, options.patience)) return "patience";
    return signal?.aborted ? "aborted" : undefined;
  };

  const sizeOf = (names: readonly string[]) => names.reduce((sum, name) => sum + params[name].size, 0);
  const [parameters, trainableParameters] = [sizeOf(names), sizeOf(everTrained)];
  yield { type: "started", epochs, stepsPerEpoch, parameters, trainableParameters, step: state.step };

  while (!outcome()) {
    const { epoch } = state;
    const batches = problem.batches(epoch);
    const trained = trainable(options.freeze, names, epoch);
    if (entered !== trained.join()) await problem.enter?.(trained, epoch);
    entered = trained.join();
    const start = performance.now();
    let rows = 0;
    while (state.batch < batches.length && !signal?.aborted) {
      const chunk = batches.slice(state.batch, state.batch + options.accumulate);
      const done = await update(chunk, trained, epoch * batches.length + state.batch);
      rows += chunk.reduce((sum, batch) => sum + problem.rows(batch), 0);
      const rowsPerSecond = rows / (performance.now() - start) * 1000;
      yield { type: "step", epoch, step: state.step, ...done, rowsPerSecond, progress: state.step / total };
      await giveWay();
    }
    if (signal?.aborted) break;

    const dev = await devMetrics(epoch);
    const value = metricOf(dev, options.select);
    const { isBest, ...early } = observe(state.early, epoch, value, options.higherIsBetter);
    const trainLoss = state.lossSum / state.lossWeight;
    Object.assign(state, { epoch: epoch + 1, batch: 0, lossSum: 0, lossWeight: 0, early });
    yield { type: "epoch", epoch, step: state.step, trainLoss, dev, isBest };
    yield checkpoint(epoch, isBest);
  }

  const reason = outcome()!, { epoch, step, early: { best, bestEpoch } } = state;
  if (reason === "aborted") yield checkpoint(epoch, false);
  const skipped = state.scaling && { skippedSteps: state.scaling.skipped };
  yield { type: "stopped", reason, step, bestEpoch, best, ...compiled(), ...skipped };
}

/** Returns a function that says what the engine has compiled since. */
function compiling(): () => { compiles: number; compileSeconds: number } {
  const before = currentEngine().stats();
  return () => {
    const { compiles, compileMs } = currentEngine().stats();
    return {
      compiles: compiles - before.compiles,
      compileSeconds: Math.round(compileMs - before.compileMs) / 1000,
    };
  };
}

function requireFiniteStep(loss: number, gradientNorm: number, at: string, todo: string): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const found = `a loss of ${loss} and a gradient norm of ${gradientNorm}`;
  throw badInput({ expected: "a finite loss and gradient", found, at, todo });
}

/** Returns the optimiser's slots under their names in a checkpoint. */
const slotsOf = (states: Record<string, ParameterState>): Record<string, { data: Float32Array }> =>
  Object.fromEntries(
    Object.entries(states).flatMap(([name, { slots }]) =>
      Object.entries(slots).map(([slot, data]) => [`optimizer.${slot}.${name}`, { data }])
    ),
  );

/**
 * Lets timers, signals and a notebook's other cells run between steps, at most every 50 ms: a timer costs
 * about 2 ms, as much as a step of a small head.
 */
function pacer(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
