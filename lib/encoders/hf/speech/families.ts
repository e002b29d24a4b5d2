/** The families of speech models that read samples, by `model_type`. */
import { data2vecAudio } from "./data2vec_audio.ts";
import type { SpeechFamily } from "./family.ts";
import { speechConfig } from "./settings.ts";
import { wavlm } from "./wavlm.ts";

/** A family with wav2vec 2.0's architecture: it differs only in its pre-training. */
const like = (id: string, prefix: string): SpeechFamily => ({ id, prefix, settings: speechConfig });

export const FAMILIES: readonly SpeechFamily[] = [
  like("wav2vec2", "wav2vec2."), // Baevski et al. 2020
  like("hubert", "hubert."), // Hsu et al. 2021
  wavlm,
  like("unispeech", "unispeech."), // Wang et al. 2021
  like("unispeech-sat", "unispeech_sat."), // Chen et al. 2021
  data2vecAudio,
];
