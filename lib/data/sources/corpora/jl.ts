/**
 * Reads the JL-Corpus (James et al. 2018, https://doi.org/10.21437/Interspeech.2018-1349) as on Kaggle
 * (tli725/jl-corpus): `Raw JL corpus (unchecked and unannotated)/JL(wav+txt)/female1_angry_10a_1.wav` is
 * speaker, emotion, sentence and session, with the words in a `.txt` of the same name (that these are words
 * alone is unconfirmed). The upload has a second, partial copy of that folder in lower case.
 *
 * Labels are the five primary and five secondary emotions as the files name them, but happy is joy, angry is
 * anger and sad is sadness.
 */
import { type Beside, clipCorpus, readWords } from "./clip_corpus.ts";

/** The classes by their names in the files: the primary emotions, then the secondary ones. */
const EMOTIONS: Readonly<Record<string, string>> = {
  angry: "anger",
  sad: "sadness",
  neutral: "neutral",
  happy: "joy",
  excited: "excited",
  anxious: "anxious",
  apologetic: "apologetic",
  assertive: "assertive",
  concerned: "concerned",
  encouraging: "encouraging",
};

interface Words extends Beside {
  texts: ReadonlyMap<string, string>;
}

export const jl = clipCorpus<Words>({
  id: "jl",
  name: "JL-Corpus",
  example: "female1_angry_10a_1.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(
    `/(?<speaker>(?<gender>(?:fe)?male)[12])_(?<emotion>${Object.keys(EMOTIONS).join("|")})_` +
      "\\d+[ab]_(?<session>[12])$",
  ),

  async beside(place, folder, clips) {
    const files = new Set(await place.files()), texts = new Map<string, string>();
    for (const { path, ending } of clips) {
      const words = `${path.slice(0, -ending.length)}txt`;
      if (!files.has(words)) continue;
      texts.set(path, (await readWords(`${folder}/${words}`, "windows-1252")).text.trim());
    }
    const silent = clips.filter(({ path }) => !texts.get(path));
    const note = () => `${silent.length} clips have no words in a .txt beside them, e.g. ${silent[0].path}.`;
    return { texts, notes: silent.length > 0 ? [note()] : [] };
  },

  row: ({ path, parts: { speaker, gender, emotion, session } }, { texts }) => ({
    text: texts.get(path),
    label: EMOTIONS[emotion],
    speaker,
    gender,
    session,
  }),
});
