/** The configuration of a matrix of corpora: each one trains models that all of them test. */
import { z } from "zod";
import { hasFolds } from "../data/mod.ts";
import type { AblateConfig } from "./ablation.ts";
import { type TrainConfig, trainConfig } from "./train.ts";

const paths = z.array(z.string().min(1));

export const crossConfig = trainConfig
  .omit({ data: true, seed: true, protocol: true, fold: true, train: true })
  .extend({
    name: trainConfig.shape.name.describe("Folder of the matrix under --out. Default: cross."),
    train: paths.min(1).describe(
      "Corpora to train on, each of them alone: --train ravdess:<folder>,cremad:<folder>.",
    ),
    test: paths.default([]).describe(
      "Corpora to test on. Default: those of --train. One that is in both is divided into folds.",
    ),
    parts: trainConfig.shape.train.describe(
      "Trainable parts: head, text, audio, or prefixes of parameter names. (In deno task train: --train.)",
    ),
    folds: z.int().min(2).max(1000).default(5).describe(
      "Folds inside a corpus that is trained on and tested; fewer if it has fewer speakers.",
    ),
    seeds: z.array(z.int().min(0)).min(1).default([1]).describe(
      "Seeds; each model is trained with every one.",
    ),
    shared: z.boolean().optional().describe(
      "Keep only the labels that all corpora have. On by default, unless --labels.map names a label space.",
    ),
  });

/** The configuration of a matrix of corpora: the options of a training, without those that a corpus sets. */
export interface CrossConfig extends Omit<TrainConfig, "data" | "seed" | "protocol" | "fold" | "train"> {
  /** Corpora to train on, each of them alone. */
  train: string[];
  /** Corpora to test on; none stands for those of `train`. */
  test: string[];
  /** Trainable parts: `head`, `text`, `audio`, or prefixes of parameter names. */
  parts: string[];
  /** Folds inside a corpus that is trained on and tested. */
  folds: number;
  /** Seeds; each model is trained with every one. */
  seeds: number[];
  /**
   * Whether only the labels that all corpora have are kept. Default: true, unless labels are mapped to a
   * label space.
   */
  shared?: boolean;
}

/** Returns the trainings of one corpus as an ablation of a single recipe. */
export function crossTraining(
  { train: _, test: __, parts, folds: ___, shared: ____, method, options, ...common }: CrossConfig,
  own: Pick<AblateConfig, "data" | "labels" | "protocol" | "out" | "name">,
): AblateConfig {
  const methods = { [method]: { options } };
  return { ...common, ...own, train: parts, methods, compare: [], test: hasFolds(own.protocol) };
}
