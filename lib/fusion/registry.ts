import { badInput, nearest } from "../errors.ts";
import { attentionPooling } from "./attention_pooling.ts";
import { audioOnly } from "./audio_only.ts";
import { earlyFusion } from "./early_fusion.ts";
import { fineGrained } from "./fine_grained.ts";
import type { FusionMethod } from "./fusion.ts";
import { gatedMultimodalUnit } from "./gated_multimodal_unit.ts";
import { lateFusion } from "./late_fusion.ts";
import { lowRankFusion } from "./low_rank_fusion.ts";
import { memocmt } from "./memocmt.ts";
import { textOnly } from "./text_only.ts";

/** Every fusion head, in the order of tables: the controls, the baselines, the methods. */
export const fusionMethods: readonly FusionMethod[] = [
  textOnly,
  audioOnly,
  lateFusion,
  gatedMultimodalUnit,
  lowRankFusion,
  earlyFusion,
  attentionPooling,
  fineGrained,
  memocmt,
];

const ALIASES: Record<string, string> = { gmu: "gated_multimodal_unit", lmf: "low_rank_fusion" };

/** The head of this name or alias (`gmu`, `lmf`). Throws bad input with the nearest name; `at` is where it was given. */
export function fusionMethod(name: string, at = "--method"): FusionMethod {
  const id = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  const method = fusionMethods.find((m) => m.id === id);
  if (method) return method;
  const ids = fusionMethods.map((m) => m.id), meant = nearest(name, [...ids, ...Object.keys(ALIASES)]);
  throw badInput({
    expected: "a fusion method",
    found: `'${name}'`,
    at,
    todo: meant ? `Did you mean ${meant}?` : `Known are ${ids.join(", ")}.`,
  });
}
