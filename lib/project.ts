/** Configurations for notebooks and scripts. Relative paths start at the project's folder. */
import { existsSync } from "node:fs";
import {
  type AblateConfig,
  ablateConfig,
  cellsOf,
  type CrossConfig,
  crossConfig,
  crossTraining,
  higherIsBetter,
  resolveMethod,
  type SearchConfig,
  searchConfig,
  type TrainConfig,
  trainConfig,
} from "./config/mod.ts";
import { type LoraOptions, partsOf } from "./encoders/mod.ts";
import { fusionMethods } from "./fusion/mod.ts";
import { fromProject, inProject } from "./paths.ts";
import { parseWith } from "./schema.ts";
import { AUTO, lossNamed } from "./train/mod.ts";

/** The options of one training. All are optional. */
export type TrainOptions = Partial<Omit<TrainConfig, "lora">> & {
  /** Options of LoRA on the encoders' linear layers; `{}` uses the defaults. */
  lora?: Partial<LoraOptions>;
};

/** The options of an ablation: the recipes, the seeds, and the options that all recipes share. */
export type AblationOptions =
  & Omit<TrainOptions, "method" | "options" | "seed">
  & Pick<AblateConfig, "methods" | "seeds">
  & Partial<Pick<AblateConfig, "compare" | "test">>;

/** Returns the options with defaults, and with paths as a process in the project's folder has them. */
function placed<T extends Pick<TrainOptions, "out" | "cache" | "text" | "audio">>(options: T): T {
  const { out, cache } = options;
  return {
    ...options,
    out: out === undefined ? inProject("outputs") : fromProject(out),
    cache: cache === undefined ? inProject("outputs/cache") : fromProject(cache),
    ...placedEncoders(options),
  };
}

/** Returns the encoders that options name, with the paths of their folders. */
const placedEncoders = ({ text, audio }: { text?: unknown; audio?: unknown }) => ({
  ...typeof text === "string" && { text: encoderPath(text) },
  ...typeof audio === "string" && { audio: partsOf(audio).map(encoderPath).join("+") },
});

/** Returns an encoder's name with the path of its folder, if it names one that is there. */
function encoderPath(name: string): string {
  const [, kind, folder, layer = ""] = /^([\w-]+:)(.+?)(#\w+)?$/.exec(name) ?? [];
  return folder && existsSync(fromProject(folder)) ? kind + fromProject(folder) + layer : name;
}

/**
 * Returns a complete training configuration: the given options, and defaults for
 * the rest. Runs and caches go to the project's `outputs`, where the command-line
 * tasks also look. Throws UndertoneError if an option, or the name of a method, loss or metric, is unknown or
 * out of range.
 *
 * @example
 * ```ts
 * import { configure } from "@undertone/undertone";
 *
 * const config = configure({ method: "memocmt", epochs: 3, options: { dropout: 0.3 } });
 * ```
 */
export function configure(options: TrainOptions = {}): TrainConfig {
  const config = parseWith(trainConfig, placed(options), "the configuration");
  // The names of the user's modules are known once a training has imported these.
  if (config.use.length === 0 || fusionMethods.some(({ id }) => id === config.method)) resolveMethod(config);
  if (config.use.length === 0) {
    if (config.loss !== AUTO) lossNamed(config.loss);
    if (config.select !== AUTO) higherIsBetter(config.select);
  }
  return config;
}

/**
 * Returns a complete ablation configuration, as `configure` does for one training. The ablation trains each
 * named recipe with every seed. Throws UndertoneError if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import { configureAblation } from "@undertone/undertone";
 *
 * const config = configureAblation({ methods: { text_only: {}, memocmt: { lr: 3e-4 } }, seeds: [1, 2, 3] });
 * ```
 */
export function configureAblation(options: AblationOptions): AblateConfig {
  const methods = Object.fromEntries(
    Object.entries(options.methods).map(([name, recipe]) => [name, { ...recipe, ...placedEncoders(recipe) }]),
  );
  const given = placed({ ...options, methods });
  const config = parseWith(ablateConfig, given, "the configuration of the ablation");
  if (config.use.length === 0) cellsOf(config, [], ""); // throws for a wrong name or option
  return config;
}

/** The options of a matrix of corpora. All but `train` are optional. */
export type CrossCorporaOptions =
  & Omit<TrainOptions, "data" | "seed" | "protocol" | "fold" | "train">
  & Pick<CrossConfig, "train">
  & Partial<Pick<CrossConfig, "test" | "parts" | "folds" | "seeds" | "shared">>;

/**
 * Returns a complete configuration of a matrix of corpora, as `configure` does for one training. Throws
 * UndertoneError if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import { configureCross } from "@undertone/undertone";
 *
 * const config = configureCross({ train: ["ravdess:my/ravdess"], test: ["my/emodb"], method: "audio_only" });
 * ```
 */
export function configureCross(options: CrossCorporaOptions): CrossConfig {
  const config = parseWith(crossConfig, placed(options), "the configuration of the matrix");
  if (config.use.length === 0) cellsOf(crossTraining(config, { data: "", protocol: "all", out: "" }), [], "");
  return config;
}

/** The options of a search. All but `search` are optional. */
export type SearchConfigOptions =
  & TrainOptions
  & Pick<SearchConfig, "search">
  & Partial<Pick<SearchConfig, "strategy" | "trials" | "retrain" | "eta" | "first_rung">>;

/**
 * Returns a complete configuration of a search, as `configure` does for one training. Throws UndertoneError
 * if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import { configureSearch } from "@undertone/undertone";
 *
 * const config = configureSearch({ search: { lr: { log: [1e-4, 3e-3] } }, method: "memocmt", trials: 20 });
 * ```
 */
export const configureSearch = (options: SearchConfigOptions): SearchConfig =>
  parseWith(searchConfig, placed(options), "the configuration of the search");
