/** Where runs and features of this project lie, wherever the notebook or script stands that asks. */
import { fileURLToPath } from "node:url";
import { type AblateConfig, ablateConfig, type TrainConfig, trainConfig } from "./config/mod.ts";
import type { LoraOptions } from "./encoders/mod.ts";
import { parseWith } from "./schema.ts";

/**
 * A path inside the project as an absolute one.
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

/** The options of a training that may be left out, which is all of them. */
export type TrainOptions = Partial<Omit<TrainConfig, "lora">> & {
  /** Low-rank changes of the encoders' linear layers; `{}` for the defaults. */
  lora?: Partial<LoraOptions>;
};

/** The options of an ablation: recipes and seeds, and what all recipes share. */
export type AblationOptions =
  & Omit<TrainOptions, "method" | "options" | "seed">
  & Pick<AblateConfig, "methods" | "seeds">
  & Partial<Pick<AblateConfig, "test">>;

/**
 * A whole training configuration from the options that differ from the defaults; runs and cache lie in the project's
 * `outputs`, where tasks look for them too. Throws UndertoneError for what is unknown or out of range.
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
 * The same for an ablation: recipes by name, each trained with every seed. Throws UndertoneError for what is unknown.
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
