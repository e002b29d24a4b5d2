/** Where runs and features of this project lie, wherever the notebook or script stands that asks. */
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { type AblateConfig, ablateConfig, type TrainConfig, trainConfig } from "./config/mod.ts";
import { parseWith } from "./schema.ts";

/** A path inside the project as an absolute one. */
export const inProject = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const places = () => ({ out: inProject("outputs"), cache: inProject("outputs/cache") });

/**
 * A whole training configuration from the options that differ from the defaults; runs and cache lie in the project's
 * `outputs`, where tasks look for them too. Throws UndertoneError for what is unknown or out of range.
 */
export const configure = (options: z.input<typeof trainConfig> = {}): TrainConfig =>
  parseWith(trainConfig, { ...places(), ...options }, "the configuration");

/** The same for an ablation. */
export const configureAblation = (options: z.input<typeof ablateConfig>): AblateConfig =>
  parseWith(ablateConfig, { ...places(), ...options }, "the configuration of the ablation");
