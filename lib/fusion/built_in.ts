/** The fusion methods built into Undertone, in table order: controls, baselines, then the other methods. */
import { attentionPooling } from "./attention_pooling.ts";
import { earlyFusion } from "./early_fusion.ts";
import { fineGrained } from "./fine_grained.ts";
import type { FusionMethod } from "./fusion.ts";
import { gatedMultimodalUnit } from "./gated_multimodal_unit.ts";
import { lateFusion } from "./late_fusion.ts";
import { lowRankFusion } from "./low_rank_fusion.ts";
import { memocmt } from "./memocmt.ts";
import { audioOnly, textOnly } from "./unimodal.ts";

export const BUILT_IN: readonly FusionMethod[] = [
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
