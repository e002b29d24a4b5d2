/** Reads `config.json` of a text model: its architecture and its sizes. */
import { parseFacts } from "../../schema.ts";
import { requireDivisible, requireFamily } from "./architecture.ts";
import { bert } from "./bert.ts";
import { distilbert } from "./distilbert.ts";
import type { TextFamily } from "./family.ts";
import { camembert, roberta, xlmRoberta } from "./roberta.ts";
import type { TransformerConfig } from "./transformer.ts";

/** Families by `model_type`. */
const FAMILIES: readonly TextFamily[] = [bert, roberta, xlmRoberta, camembert, distilbert];

/** Architecture of a text encoder. */
export interface TextArchitecture {
  family: TextFamily;
  config: TransformerConfig;
}

/**
 * Reads family and sizes from `json`; `at` names the file in errors. Throws UndertoneError for an unknown
 * architecture or invalid sizes.
 */
export function textArchitecture(json: unknown, at: string): TextArchitecture {
  const family = requireFamily("text", FAMILIES, json, at);
  const read = parseFacts(family.settings, json, at);
  const config = { ...read, pad_token_id: read.pad_token_id ?? family.padToken };
  requireDivisible("hidden_size", config.hidden_size, "heads", config.num_attention_heads, at);
  return { family, config };
}
