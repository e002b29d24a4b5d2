/** A configuration, completed and checked once, before any work. */
import type { z } from "zod";
import { type FusionMethod, fusionMethod } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import { lossNamed } from "../train/mod.ts";
import { requirePossible, withoutEncoders } from "./plan.ts";
import { higherIsBetter, type TrainConfig } from "./train.ts";

/** The method of a configuration and its options, completed and checked. */
export function resolveMethod(
  config: Pick<TrainConfig, "method" | "options">,
): { method: FusionMethod; options: Record<string, unknown> } {
  const method = fusionMethod(config.method);
  const options = parseWith(
    method.options as z.ZodType<Record<string, unknown>>,
    config.options,
    `the options of ${method.id}`,
    (path) => `options.${path.map(String).join(".")}`,
  );
  return { method, options };
}

/** The configuration as a run keeps it: options completed, and no encoder that its method has no use for. */
export function resolveConfig(config: TrainConfig): TrainConfig {
  const { method, options } = resolveMethod(config);
  requirePossible(config);
  lossNamed(config.loss); // wrong names are told before any work
  higherIsBetter(config.select);
  const unused = (["text", "audio"] as const).filter((modality) => !method.modalities.includes(modality));
  return {
    ...config,
    ...withoutEncoders(config, unused),
    method: method.id,
    options,
    ...Object.fromEntries(unused.map((modality) => [modality, "none"])),
  };
}
