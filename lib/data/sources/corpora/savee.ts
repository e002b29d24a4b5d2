/**
 * Reads SAVEE (Haq & Jackson 2009, http://kahlan.eps.surrey.ac.uk/savee): `AudioData/DC/a01.wav` is speaker,
 * emotion and sentence, as its Info.txt says; also `DC_a01.wav` in one folder, as on Kaggle and in
 * https://github.com/emo-box/EmoBox (EmoBox/preprocess/scripts/savee.py). Happiness is joy. All four speakers
 * are men. The sentences' words are not in the release.
 */
import { clipCorpus } from "./clip_corpus.ts";

/** The classes by their letters, in the order of Info.txt. */
const EMOTIONS: Readonly<Record<string, string>> = {
  a: "anger",
  d: "disgust",
  f: "fear",
  h: "joy",
  n: "neutral",
  sa: "sadness",
  su: "surprise",
};

export const savee = clipCorpus({
  id: "savee",
  name: "SAVEE",
  example: "DC/a01.wav or DC_a01.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(
    `/(?<speaker>DC|JE|JK|KL)[/_]?(?<emotion>${Object.keys(EMOTIONS).join("|")})(?<sentence>\\d\\d)$`,
  ),

  row: ({ parts: { speaker, emotion, sentence } }) => ({
    id: `${speaker}_${emotion}${sentence}`,
    label: EMOTIONS[emotion],
    speaker,
    gender: "male",
  }),
});
