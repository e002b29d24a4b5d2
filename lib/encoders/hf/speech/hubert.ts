import type { SpeechFamily } from "./family.ts";

/** HuBERT (Hsu et al. 2021): wav2vec 2.0's architecture, trained otherwise. */
export const hubert: SpeechFamily = { id: "hubert", prefix: "hubert." };
