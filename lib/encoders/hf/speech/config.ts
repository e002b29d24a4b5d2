/** Reads `config.json` of a speech model: its architecture and its sizes. */
import { badInput } from "../../../errors.ts";
import { parseFacts } from "../../../schema.ts";
import { requireDivisible, requireFamily } from "../architecture.ts";
import { FAMILIES } from "./families.ts";
import type { SpeechFamily } from "./family.ts";
import { requireFrames } from "./frames.ts";
import type { SpeechConfig } from "./settings.ts";
import { WHISPER } from "./whisper/config.ts";

/**
 * Whether `json` names Whisper. Throws UndertoneError, with all architectures, if it names an unknown one.
 */
export const isWhisper = (json: unknown, at: string): boolean =>
  requireFamily<{ id: string }>("speech", [...FAMILIES, WHISPER], json, at) === WHISPER;

/** Architecture of a speech encoder that reads samples. */
export interface SpeechArchitecture {
  family: SpeechFamily;
  config: SpeechConfig;
}

/**
 * Reads family and sizes from `json`; `at` names the file in errors. Throws UndertoneError for an unknown
 * architecture or invalid sizes.
 */
export function speechArchitecture(json: unknown, at: string): SpeechArchitecture {
  const family = requireFamily("speech", FAMILIES, json, at);
  const config = parseFacts(family.settings, json, at);
  const { hidden_size, num_attention_heads, num_conv_pos_embedding_groups } = config;
  requireDivisible("hidden_size", hidden_size, "heads", num_attention_heads, at);
  requireDivisible("hidden_size", hidden_size, "groups", num_conv_pos_embedding_groups, at);
  requireFrames(config, at);
  const { conv_dim, conv_kernel } = config;
  if (conv_dim.length !== conv_kernel.length) {
    throw badInput({
      expected: "conv_dim and conv_kernel for the same convolutions",
      found: `lists of ${conv_dim.length} and ${conv_kernel.length}`,
      at,
      todo: "The file is damaged or does not belong to these weights: fetch it again.",
    });
  }
  return { family, config };
}
