/**
 * Reads TESS (Pichora-Fuller & Dupuis 2020, https://doi.org/10.5683/SP2/E8H2MF): `OAF_back_angry.wav` is
 * actress, word and emotion. Clips lie in one folder, or in `OAF_angry`, …, `YAF_pleasant_surprised` as on
 * Kaggle, where the outer folder holds all of them twice.
 *
 * Its seventh emotion is a pleasant surprise alone; it is read as surprise. Happy is joy. The actresses were
 * 64 (OAF) and 26 (YAF). One clip is published as `OA_bite_neutral.wav`.
 */
import { clipCorpus } from "./clip_corpus.ts";

/** The classes by their names in the files, in the order of the corpus' page. */
const EMOTIONS: Readonly<Record<string, string>> = {
  angry: "anger",
  disgust: "disgust",
  fear: "fear",
  happy: "joy",
  ps: "surprise",
  sad: "sadness",
  neutral: "neutral",
};

export const tess = clipCorpus({
  id: "tess",
  name: "TESS",
  example: "OAF_back_angry.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(
    `/(?<speaker>OAF?|YAF)_(?<word>[a-z]+)_(?<emotion>${Object.keys(EMOTIONS).join("|")})$`,
    "i",
  ),

  row({ parts: { speaker: initials, word, emotion } }) {
    const speaker = initials.toUpperCase() === "YAF" ? "YAF" : "OAF";
    const name = emotion.toLowerCase();
    return {
      id: `${speaker}_${word}_${name}`,
      text: `Say the word ${word}.`,
      label: EMOTIONS[name],
      speaker,
      gender: "female",
      age: speaker === "OAF" ? "64" : "26",
    };
  },
});
