/** Cases on encoders that train: steps with a linear head on the mean hidden state. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../lib/compute/mod.ts";
import { disposeParams, linearLayer, maskedMean, type Params } from "../../lib/nn/mod.ts";
import { lowerStates, paramsFrom } from "../../lib/encoders/mod.ts";
import { adamW, crossEntropy, targetsOf, train, type TrainOptions } from "../../lib/train/mod.ts";
import type { Case, Settings, Sides } from "./case.ts";
import { type Config, randomWeights, withoutChance } from "./encoder_models.ts";
import {
  batchesOf,
  CLASSES,
  parametersOf,
  preprocessOf,
  rowsOf,
  SEED,
  shapesOf,
  type Work,
} from "./encoder_work.ts";
import { firstLosses, nextEpoch } from "./epochs.ts";

/** Usual settings for fine-tuning. */
const LR = 2e-5, WEIGHT_DECAY = 0.01, CLIP = 1;

/** Number of first steps whose losses must be equal on both sides. */
const CHECKED = 3;

/** Tolerance between losses in half precision, whose numbers have 11 binary digits. */
const SAME_IN_HALF = 5e-3;

/**
 * Times the training loop on an encoder and its head. A round is an epoch. What a frozen lower part gives is
 * computed before the first one, which is not timed.
 */
export function finetune(id: string, summary: string, work: Work): Case {
  const { kind, config, frozen = [] } = work;
  return {
    id,
    summary,
    prepare({ rounds, precision = "fp32" }: Settings): Promise<Sides> {
      const batches = batchesOf(work);
      const targets = batches.map(({ labels }) => targetsOf(labels, CLASSES));
      const lower = kind.lower?.(config), isCut = lower && frozen.includes(lower.prefix);
      const params: Params[] = [];
      const start = (config: Config) => {
        const model = kind.model(config), all = paramsFrom(randomWeights(shapesOf(work), SEED));
        let feeds: Feed[] = [];
        params.push(all);
        return train({
          params: all,
          batches: () => batches.map((_, i) => i),
          rows: () => work.rows,
          async enter() {
            const encoder = { id, modality: "audio" as const, params: all, preprocess: preprocessOf(work) };
            feeds = [];
            for (const { rows } of batches) {
              feeds.push(
                isCut ? lower.pad(await lowerStates({ ...encoder, lower }, rows)) : kind.pad(rows, config),
              );
            }
          },
          feed: (i) => ({ ...targets[i], inputs: { ...targets[i].inputs, ...feeds[i] } }),
          loss({ targets, truth, ...inputs }, context) {
            const { states, mask } = model.apply(all, inputs, context);
            const logits = linearLayer(all, "classifier", maskedMean(states, mask)) as tf.Tensor2D;
            return crossEntropy(logits, { targets, truth });
          },
          evaluate: () => Promise.resolve({ loss: 0 }),
          // The warm-up is a round, too.
        }, { ...trainOptions(rounds + 1, Object.keys(all), frozen), precision });
      };
      let run: ReturnType<typeof train> | undefined;
      return Promise.resolve({
        unit: { name: "step", perRound: work.batches },
        async check() {
          const losses = await firstLosses(start(withoutChance(config)), CHECKED);
          disposeParams(params.pop()!);
          return losses;
        },
        ...precision === "fp16" && { tolerance: SAME_IN_HALF },
        round: () => nextEpoch(run ??= start(config)),
        pytorch: {
          module: "encoders",
          variants: ["AdamW", "AdamW fused"],
          spec: {
            encoder: kind.pytorch,
            config,
            exact: withoutChance(config),
            frozen,
            rows: work.rows,
            checked: CHECKED,
            half: precision === "fp16",
            lr: LR,
            weight_decay: WEIGHT_DECAY,
            clip: CLIP,
          },
          tensors: () => [
            ...parametersOf(work),
            ...rowsOf(batches.flatMap(({ rows }) => rows)),
            { name: "labels", shape: [work.rows * work.batches], parts: batches.map(({ labels }) => labels) },
          ],
        },
        close: () => params.forEach(disposeParams),
      });
    },
  };
}

/** Returns the options of such a training. */
export function trainOptions(
  epochs: number,
  names: readonly string[],
  frozen: readonly string[],
): TrainOptions {
  const trained = names.filter((name) => !frozen.some((prefix) => name.startsWith(`${prefix}.`)));
  return {
    epochs,
    accumulate: 1,
    optimizer: adamW(),
    groups: [{ prefix: "", lr: LR, weightDecay: WEIGHT_DECAY }],
    schedule: "constant",
    warmup: 0,
    clip: CLIP,
    freeze: [{ epochs, train: trained }],
    select: "loss",
    higherIsBetter: false,
    patience: 0,
    seed: SEED,
  };
}
