/** The training loop: it knows parameters, batches and a loss, and no model. Printing and saving is up to who reads its events. */
import { dropoutKeys, type Params } from "../nn/mod.ts";
import { badInput, nearest } from "../errors.ts";
import { exhausted, observe } from "./early_stop.ts";
import type { TrainEvent } from "./events.ts";
import { everTrainable, type FreezePlan, trainable } from "./freeze.ts";
import type { Fed, LossOf } from "./gradients.ts";
import { type ParamGroup, resolveGroups } from "./groups.ts";
import type { Optimizer } from "./optimizer.ts";
import { rateFactor, type Schedule, warmupSteps } from "./schedule.ts";
import { newTrainState, type TrainState } from "./state.ts";
import { stepsHere } from "./steps_here.ts";

/** What is trained: parameters, and how to get from a batch to a loss. */
export interface Problem<Batch> {
  params: Params;
  /** The batches of an epoch in order: the same for the same epoch, and equally many in each. */
  batches(epoch: number): readonly Batch[];
  /** Rows of a batch. */
  rows(batch: Batch): number;
  /**
   * The batch as plain numbers: all that changes from one step to the next, but for parameters and dropout. They are read
   * before the next batch is asked for.
   */
  feed(batch: Batch): Fed | Promise<Fed>;
  /** Summed loss of such inputs. Steps of the same shapes may run without calling it again. */
  loss: LossOf;
  /**
   * Called before an epoch in which other parameters train than in the one before, and before the run's first: what is
   * frozen in it may be computed once. It may end early where the run's signal is aborted.
   */
  enter?(trained: readonly string[], epoch: number): Promise<void>;
  /** Metrics on dev with the parameters as they are. */
  evaluate(): Promise<Record<string, number>>;
}

export interface TrainOptions {
  epochs: number;
  /** Batches per update; equal to one batch of all their rows. */
  accumulate: number;
  optimizer: Optimizer;
  groups: readonly ParamGroup[];
  schedule: Schedule["kind"];
  /** Share of the steps over which the rate rises. */
  warmup: number;
  /** Bound on the gradient's global norm; 0 for none. */
  clip: number;
  freeze: FreezePlan;
  /** Metric of `evaluate` that chooses the best epoch. */
  select: string;
  higherIsBetter: boolean;
  /** Epochs without a better one after which to stop; 0 never stops. */
  patience: number;
  /** Seed of dropout. */
  seed: number;
}

export interface TrainControls {
  /** State of a checkpoint whose parameters are restored; the run owns it from here on. */
  resume?: TrainState;
  /** Ends the run after the current step, with a checkpoint. */
  signal?: AbortSignal;
}

/**
 * Trains `problem.params` in place. Throws bad input where a loss or gradient is not finite (parameters are then those
 * of the step before) and where `select` is no metric of `evaluate`.
 */
export async function* train<Batch>(
  problem: Problem<Batch>,
  options: TrainOptions,
  { resume, signal }: TrainControls = {},
): AsyncGenerator<TrainEvent, void, undefined> {
  const { params } = problem, { epochs, optimizer } = options;
  const names = Object.keys(params);
  const groups = resolveGroups(params, options.groups);
  const topRate = Math.max(...options.groups.map(({ lr }) => lr));
  const stepsPerEpoch = Math.ceil(problem.batches(0).length / options.accumulate);
  const total = stepsPerEpoch * epochs;
  const schedule = { kind: options.schedule, warmup: warmupSteps(options.warmup, total), total };
  const state = resume ?? newTrainState();
  const giveWay = pacer();
  const ever = everTrainable(options.freeze, names, epochs);
  using steps = stepsHere({ loss: problem.loss, params, ever, optimizer, states: state.optimizer });
  let entered: string | undefined;

  /** One update from some batches; `key` numbers the first of them within the run. */
  const update = async (chunk: readonly Batch[], trained: readonly string[], key: number) => {
    const batches = chunk.map((batch, i) => ({
      feed: () => problem.feed(batch),
      context: { training: true, dropout: dropoutKeys(options.seed, key + i) },
    }));
    const factor = rateFactor(schedule, state.step);
    const { loss, weight, gradientNorm } = await steps.take(trained, batches, {
      clip: options.clip,
      ratesOf(name) {
        const { lr, weightDecay } = groups[name];
        return { lr: lr * factor, weightDecay };
      },
      accept: (loss, gradientNorm) =>
        requireFinite(loss, gradientNorm, `step ${state.step + 1} (epoch ${state.epoch + 1})`),
    });
    state.step++;
    state.batch += chunk.length;
    state.lossSum += loss;
    state.lossWeight += weight;
    return { loss: loss / weight, gradientNorm, lr: topRate * factor };
  };

  const checkpoint = async (epoch: number, isBest: boolean): Promise<TrainEvent> => {
    state.optimizer = await steps.states();
    return { type: "checkpoint", epoch, step: state.step, isBest, state };
  };

  const outcome = () => {
    if (state.epoch >= epochs) return "finished";
    if (exhausted(state.early, options.patience)) return "patience";
    return signal?.aborted ? "aborted" : undefined;
  };

  const sizeOf = (names: readonly string[]) => names.reduce((sum, name) => sum + params[name].size, 0);
  const [parameters, trainableParameters] = [sizeOf(names), sizeOf(ever)];
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

    const dev = await problem.evaluate();
    const value = metricOf(dev, options.select);
    const { isBest, ...early } = observe(state.early, epoch, value, options.higherIsBetter);
    const trainLoss = state.lossSum / state.lossWeight;
    Object.assign(state, { epoch: epoch + 1, batch: 0, lossSum: 0, lossWeight: 0, early });
    yield { type: "epoch", epoch, step: state.step, trainLoss, dev, isBest };
    yield await checkpoint(epoch, isBest);
  }

  const reason = outcome()!, { epoch, step, early: { best, bestEpoch } } = state;
  if (reason === "aborted") yield await checkpoint(epoch, false);
  yield { type: "stopped", reason, step, bestEpoch, best };
}

function requireFinite(loss: number, gradientNorm: number, at: string): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  throw badInput({
    expected: "a finite loss and gradient",
    found: `a loss of ${loss} and a gradient norm of ${gradientNorm}`,
    at,
    todo:
      "Lower the learning rate, lengthen the warm-up, clip lower or look for extreme values in the input; " +
      "the last checkpoint is still good.",
  });
}

function metricOf(metrics: Record<string, number>, name: string): number {
  if (name in metrics) return metrics[name];
  const known = Object.keys(metrics), meant = nearest(name, known);
  throw badInput({
    expected: "a metric to choose the best epoch by",
    found: `'${name}'`,
    at: "the training options",
    todo: meant ? `Did you mean '${meant}'?` : `Known are ${known.join(", ")}.`,
  });
}

/**
 * Lets timers, signals and a notebook's other cells in once per step, or every 50 ms where steps are shorter: a timer
 * costs about 2 ms, as much as a step of a small head.
 */
function pacer(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
