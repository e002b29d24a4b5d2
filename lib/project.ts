/** Paths and configurations relative to this project, independent of the current directory. */
import { fileURLToPath } from "node:url";
import { type AblateConfig, ablateConfig, type TrainConfig, trainConfig } from "./config/mod.ts";
import type { LoraOptions } from "./encoders/mod.ts";
import { parseWith } from "./schema.ts";

/**
 * Returns the absolute path of a path inside the project.
 *
 * @example
 * ```ts
 * import { inProject } from "@undertone/undertone";
 *
 * const runs = inProject("outputs"); // <project>/outputs
 * ```
 */
export const inProject = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const places = () => ({ out: inProject("outputs"), cache: inProject("outputs/cache") });

/** The options of one training. All are optional. */
export type TrainOptions = Partial<Omit<TrainConfig, "lora">> & {
  /** Options of LoRA on the encoders' linear layers; `{}` uses the defaults. */
  lora?: Partial<LoraOptions>;
};

/** The options of an ablation: the recipes, the seeds, and the options that all recipes share. */
export type AblationOptions =
  & Omit<TrainOptions, "method" | "options" | "seed">
  & Pick<AblateConfig, "methods" | "seeds">
  & Partial<Pick<AblateConfig, "test">>;

/**
 * Returns a complete training configuration: the given options, and defaults for
 * the rest. Runs and caches go to the project's `outputs`, where the command-line
 * tasks also look. Throws UndertoneError if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import { configure } from "@undertone/undertone";
 *
 * const config = configure({ method: "memocmt", epochs: 3, options: { dropout: 0.3 } });
 * ```
 */
export const configure = (options: TrainOptions = {}): TrainConfig =>
  parseWith(trainConfig, { ...places(), ...options }, "the configuration");

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
export const configureAblation = (options: AblationOptions): AblateConfig =>
  parseWith(ablateConfig, { ...places(), ...options }, "the configuration of the ablation");
