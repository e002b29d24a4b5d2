import type { SpeechFamily } from "./family.ts";

/** HuBERT (Hsu et al. 2021): wav2vec 2.0's architecture with another pre-training. */
export const hubert: SpeechFamily = { id: "hubert", prefix: "hubert." };
