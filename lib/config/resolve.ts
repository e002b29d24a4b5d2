/** Completes and checks a configuration before any work starts. */
import type { z } from "zod";
import { type FusionMethod, fusionMethod } from "../fusion/mod.ts";
import { parseWith } from "../schema.ts";
import { AUTO, lossNamed } from "../train/mod.ts";
import { requirePossible, withoutEncoders } from "./plan.ts";
import { metricNamed } from "../eval/mod.ts";
import type { TrainConfig } from "./train.ts";

/** Returns the fusion method of a configuration with its checked and completed options. */
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

/**
 * Returns the configuration that a run keeps: options completed,
 * and encoders that the method does not read set to `none`.
 */
export function resolveConfig(config: TrainConfig): TrainConfig {
  const { method, options } = resolveMethod(config);
  requirePossible(config);
  const { loss, select } = config; // Wrong names throw before any work.
  if (loss !== AUTO) lossNamed(loss);
  if (select !== AUTO && select !== "loss") metricNamed(select, "--select");
  const unused = (["text", "audio"] as const).filter((modality) => !method.modalities.includes(modality));
  return {
    ...config,
    ...withoutEncoders(config, unused),
    method: method.id,
    options,
    ...Object.fromEntries(unused.map((modality) => [modality, "none"])),
  };
}
