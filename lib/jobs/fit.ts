/** Fits a model to examples in memory: connects data, model, loss and metrics to the training loop. */
import type { Example } from "../data/mod.ts";
import { KINDS, metricsFitting, valueOf } from "../eval/mod.ts";
import type { Target, TargetKind } from "../target.ts";
import { type Classifier, forward, type Predictor, predictor, scaleExamples } from "../model/mod.ts";
import {
  adamW,
  applyLoss,
  classWeights,
  type LossInputs,
  train as trainLoop,
  type TrainEvent,
  type TrainOptions,
  type TrainState,
} from "../train/mod.ts";
import { freezePlan, groupsOf, type TargetedPlan } from "../config/mod.ts";
import type { EncodeProgress } from "../encoders/mod.ts";
import { copiesOfFrozen, statesOfFrozen } from "./frozen_states.ts";
import { withLowerStates } from "./lower_parts.ts";
import { type TrainBatch, trainBatches } from "./training_batches.ts";

export interface FitOptions {
  resume?: TrainState;
  signal?: AbortSignal;
  /** The `frameWidth` of the speech encoder, for SpecAugment. */
  frameWidth?: number;
  /**
   * Folder of the feature cache, which keeps what frozen lower parts of encoders give. Without it, every step
   * computes that.
   */
  cache?: string;
  /** Reports the progress of computing it. */
  onProgress?: (progress: EncodeProgress) => void;
}

/**
 * Trains `model.params` in place on labelled examples, evaluates on dev, and yields the loop's events. While
 * an encoder in the model is frozen, its hidden states are reused: those of the examples until it has
 * trained, and later ones that are computed once per phase. What the lower part of an encoder that trains
 * gives, e.g. the convolutions of wav2vec2, is computed once, too, until that part trains. Throws
 * UndertoneError at once, before the first event, if the phases do not fit the model's parameters.
 */
export function fit(
  model: Classifier,
  data: { train: readonly Example[]; dev: readonly Example[] },
  plan: TargetedPlan,
  options: FitOptions = {},
): AsyncGenerator<TrainEvent, void, undefined> {
  return fitWith(model, data, plan, trainOptions(plan, Object.keys(model.params)), options);
}

async function* fitWith(
  model: Classifier,
  data: { train: readonly Example[]; dev: readonly Example[] },
  plan: TargetedPlan,
  training: TrainOptions,
  options: FitOptions,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { config } = plan;
  const given = { train: labelled(data.train), dev: labelled(data.dev) };
  const scaled = { train: scaleExamples(model, given.train), dev: scaleExamples(model, given.dev) };
  const truth = given.train.map(({ target }) => target);
  const loss = {
    classWeights: classWeights(config.class_weights, countsOf(truth, model.labels.length)),
    labelSmoothing: config.label_smoothing,
  };
  const train = trainBatches(model, scaled.train, plan, { loss, frameWidth: options.frameWidth });
  let { dev } = scaled;
  using answers = predictor(model);
  yield* trainLoop<TrainBatch>(
    {
      params: model.params,
      batches: train.batches,
      rows: ({ picks }) => picks.length,
      async enter(trained, epoch) {
        const phase = { plan: training.freeze, trained, epoch, ...options };
        const states = await statesOfFrozen(model, given, phase);
        const copies = await copiesOfFrozen(model, given.train, plan.augmenting, {
          ...phase,
          seed: config.seed,
        });
        const { cache } = options, { augmenting } = plan;
        const rows = cache === undefined
          ? scaled
          : await withLowerStates(model, scaled, { ...phase, augmenting, cache });
        train.use(
          rows.train.map((row, i) => ({
            ...row,
            ...states.train[i],
            ...copies[i] && { copies: { ...row.copies, ...copies[i] } },
          })),
        );
        dev = rows.dev.map((row, i) => ({ ...row, ...states.dev[i] }));
      },
      feed: train.feed,
      loss: (inputs, context) =>
        applyLoss(plan.loss, forward(model, inputs, context).logits, inputs as LossInputs, {
          focalGamma: config.focal_gamma,
        }),
      evaluate: () => devMetrics(answers, dev, model),
    },
    training,
    options,
  );
}

/** An example whose right answer is known. */
export type Labelled = Example & { target: Target };

/** Returns the rows that have a target. */
export const labelled = (examples: readonly Example[]): Labelled[] =>
  examples.filter((example): example is Labelled => example.target !== undefined);

/** Returns the number of rows of each class, or the sum of their shares. */
function countsOf(targets: readonly Target[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const target of targets) {
    if (target.kind === "class") counts[target.value]++;
    else target.value.forEach((share, c) => counts[c] += share);
  }
  return counts;
}

/** Computes the dev loss and metrics by which epochs are compared. */
async function devMetrics(
  answers: Predictor,
  scaled: readonly Labelled[],
  { target, labels }: { target: TargetKind; labels: readonly string[] },
): Promise<Record<string, number | null>> {
  const logits = await answers.logits(scaled), kind = KINDS[target];
  const truth = scaled.map(({ target }) => target);
  const outcomes = kind.outcomes(truth, kind.answers(logits), labels);
  const values = metricsFitting(outcomes).map((metric) => [metric.id, valueOf(metric, outcomes)]);
  return { loss: kind.loss(truth, logits), ...Object.fromEntries(values) };
}

const trainOptions = (
  { config, phases, higherIsBetter }: TargetedPlan,
  names: readonly string[],
): TrainOptions => ({
  epochs: config.epochs,
  accumulate: config.accumulate,
  optimizer: adamW(),
  groups: groupsOf(config, names),
  schedule: config.schedule,
  warmup: config.warmup,
  clip: config.clip,
  freeze: freezePlan(phases, config, names),
  select: config.select,
  higherIsBetter,
  patience: config.patience,
  seed: config.seed,
  precision: config.precision,
});
