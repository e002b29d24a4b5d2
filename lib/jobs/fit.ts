/** Fits a model to examples: joins data, head, loss and metrics to the training loop, without a file. */
import { batchLengths, batchOrder, type Buffers, type Example, padBatch } from "../data/mod.ts";
import { argmax, metrics, nllOfLogits } from "../eval/mod.ts";
import {
  type Classifier,
  feedOf,
  forward,
  type Predictor,
  predictor,
  scaleExamples,
  sizesFor,
} from "../model/mod.ts";
import { adamW } from "../train/optimizer.ts";
import { classWeights, crossEntropy, targetsOf } from "../train/losses.ts";
import { higherIsBetter, type TrainConfig } from "../train/config.ts";
import type { TrainEvent } from "../train/events.ts";
import type { TrainState } from "../train/state.ts";
import { train, type TrainOptions } from "../train/trainer.ts";

export interface FitOptions {
  resume?: TrainState;
  signal?: AbortSignal;
}

/** Trains `model.params` in place on labelled examples, chosen on dev; yields the loop's events. */
export async function* fit(
  model: Classifier,
  data: { train: readonly Example[]; dev: readonly Example[] },
  config: TrainConfig,
  options: FitOptions = {},
): AsyncGenerator<TrainEvent, void, undefined> {
  const rows = scaleExamples(model, labelled(data.train)), dev = scaleExamples(model, labelled(data.dev));
  const counts = model.labels.map((_, label) => rows.filter((row) => row.label === label).length);
  const loss = {
    classWeights: classWeights(config.class_weights, counts),
    labelSmoothing: config.label_smoothing,
  };
  using answers = predictor(model);
  const buffers: Buffers = new Map();
  const sizes = sizesFor(model, rows), lengths = batchLengths(rows, sizes);
  yield* train<Int32Array>(
    {
      params: model.params,
      batches: (epoch) => batchOrder(lengths, { batchSize: config.batch_size, seed: config.seed, epoch }),
      rows: (batch) => batch.length,
      feed(batch) {
        const padded = padBatch(rows, batch, sizes, buffers);
        const { inputs, weight } = targetsOf(padded.labels, model.labels.length, loss);
        return { inputs: { ...feedOf(padded), ...inputs }, weight };
      },
      loss: (inputs, context) =>
        crossEntropy(forward(model, inputs, context).logits, inputs, config.focal_gamma),
      evaluate: () => devMetrics(answers, dev, model.labels),
    },
    trainOptions(config),
    options,
  );
}

/** Rows that can teach or be scored. */
export const labelled = (examples: readonly Example[]): Example[] =>
  examples.filter(({ label }) => label >= 0);

/** The numbers by which epochs are compared. */
async function devMetrics(
  answers: Predictor,
  scaled: readonly Example[],
  labels: readonly string[],
): Promise<Record<string, number>> {
  const logits = await answers.logits(scaled);
  const truth = scaled.map(({ label }) => label);
  const { accuracy, weighted_f1, macro_f1 } = metrics(truth, logits.map(argmax), labels);
  return { loss: nllOfLogits(truth, logits), accuracy, weighted_f1, macro_f1 };
}

const trainOptions = (config: TrainConfig): TrainOptions => ({
  epochs: config.epochs,
  accumulate: config.accumulate,
  optimizer: adamW(),
  groups: [{ prefix: "", lr: config.lr, weightDecay: config.weight_decay }],
  schedule: config.schedule,
  warmup: config.warmup,
  clip: config.clip,
  freeze: config.freeze,
  select: config.select,
  higherIsBetter: higherIsBetter(config.select),
  patience: config.patience,
  seed: config.seed,
});
