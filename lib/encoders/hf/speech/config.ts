/** `config.json` of a speech model: which architecture, how large. */
import { badInput } from "../../../errors.ts";
import { parseFacts } from "../../../schema.ts";
import { requireDivisible, requireFamily } from "../architecture.ts";
import type { SpeechFamily } from "./family.ts";
import { hubert } from "./hubert.ts";
import { type SpeechConfig, speechConfig } from "./settings.ts";
import { wav2vec2 } from "./wav2vec2.ts";
import { wavlm } from "./wavlm.ts";

/** Families by `model_type`. */
const FAMILIES: readonly SpeechFamily[] = [wav2vec2, hubert, wavlm];

/** Which speech model a folder holds. */
export interface SpeechArchitecture {
  family: SpeechFamily;
  config: SpeechConfig;
}

/**
 * Family and sizes that `json` tells; `at` names it in errors. Throws UndertoneError for an architecture that is not there,
 * and for what this one can't be.
 */
export function speechArchitecture(json: unknown, at: string): SpeechArchitecture {
  const family = requireFamily("speech", FAMILIES, json, at);
  const config = parseFacts(speechConfig, json, at);
  const { hidden_size, num_attention_heads, num_conv_pos_embedding_groups } = config;
  requireDivisible("hidden_size", hidden_size, "heads", num_attention_heads, at);
  requireDivisible("hidden_size", hidden_size, "groups", num_conv_pos_embedding_groups, at);
  const { conv_dim, conv_kernel, conv_stride } = config, lengths = [conv_dim, conv_kernel, conv_stride];
  if (new Set(lengths.map(({ length }) => length)).size > 1) {
    throw badInput({
      expected: "conv_dim, conv_kernel and conv_stride for the same convolutions",
      found: `lists of ${lengths.map(({ length }) => length).join(", ")}`,
      at,
      todo: "The file is not that of these weights: fetch it again.",
    });
  }
  return { family, config };
}
