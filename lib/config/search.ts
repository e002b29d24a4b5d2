/** The configuration of a search: a training, and the options that the search may choose. */
import { z } from "zod";
import { type TrainConfig, trainConfig } from "./train.ts";

/** How the trials of a search are chosen. */
export const STRATEGIES = ["random", "tpe", "asha"] as const;

export const SEARCH_HELP =
  'Options to choose, by name. Numbers: {"range": [0, 0.5]}, or {"log": [1e-4, 3e-3]} on a logarithmic ' +
  'scale. Anything else: {"choose": ["memocmt", "fine_grained"]}. A plain list of two numbers is a range, any ' +
  "other plain list is a choice; the search says how it reads each.";

export const searchConfig = trainConfig.extend({
  name: trainConfig.shape.name.describe(
    "Folder of the search under --out. Default: built from the data's name.",
  ),
  seed: trainConfig.shape.seed.describe(
    "Seed of the draws, and of every trial. Retraining takes the next ones.",
  ),
  epochs: trainConfig.shape.epochs.describe("Passes over the training rows; with asha, the most of a trial."),
  search: z.record(z.string(), z.unknown()).default({}).describe(SEARCH_HELP),
  strategy: z.enum(STRATEGIES).default("random").describe(
    "How trials are chosen: random, tpe (from what the trials before have scored), or asha (random, but only " +
      "the best trials of each rung train on).",
  ),
  trials: z.int().min(1).max(10_000).default(40).describe("Number of trials."),
  retrain: z.int().min(0).max(1000).default(3).describe(
    "Fresh seeds with which the winner is trained again.",
  ),
  eta: z.int().min(2).default(3).describe("For asha: one trial of so many goes on to the next rung."),
  first_rung: z.int().min(1).default(1).describe("For asha: epochs of the first rung."),
  at_once: z.int().min(1).default(1).describe(
    "For tpe: trials that are chosen together, from the trials before them. So many can be trained at a time.",
  ),
});

/** The configuration of a search: the options of a training, and what is searched. */
export interface SearchConfig extends TrainConfig {
  /** The options to choose, by name: `{"lr": {"log": [1e-4, 3e-3]}}`. */
  search: Record<string, unknown>;
  /** How trials are chosen. */
  strategy: "random" | "tpe" | "asha";
  /** Number of trials. */
  trials: number;
  /** Number of fresh seeds with which the winner is trained again. */
  retrain: number;
  /** For `asha`: one trial of so many goes on to the next rung. */
  eta: number;
  /** For `asha`: epochs of the first rung. */
  first_rung: number;
  /** For `tpe`: trials that are chosen together, from the trials before them. */
  at_once: number;
}
