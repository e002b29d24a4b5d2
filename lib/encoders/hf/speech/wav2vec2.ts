import type { SpeechFamily } from "./family.ts";

/** wav2vec 2.0 (Baevski et al. 2020), base and large. */
export const wav2vec2: SpeechFamily = { id: "wav2vec2", prefix: "wav2vec2." };
