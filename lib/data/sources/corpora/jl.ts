/**
 * Reads the JL-Corpus (James et al. 2018,
 * https://www.isca-archive.org/interspeech_2018/james18_interspeech.pdf) as its authors publish it
 * (https://www.kaggle.com/datasets/tli725/jl-corpus): `Raw JL corpus (unchecked and
 * unannotated)/JL(wav+txt)/female1_angry_10a_1.wav` is speaker, emotion, sentence and session, with the words
 * in a `.txt` of the same name (that it holds nothing else is unconfirmed). The upload has a second, partial
 * copy of that folder in lower case.
 *
 * Labels are the five primary and five secondary emotions as the files name them, but happy is joy, angry is
 * anger and sad is sadness.
 */
import { count } from "../../../errors.ts";
import { type Beside, clipCorpus, clipsWithout, readWords } from "./clip_corpus.ts";

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
    for (const { path, name, ending } of clips) {
      const words = `${path.slice(0, -ending.length)}txt`;
      if (!files.has(words)) continue;
      const { text } = await readWords(`${folder}/${words}`, "windows-1252");
      if (text.trim() !== "") texts.set(name, text.trim());
    }
    const silent = clipsWithout(clips, texts);
    const note = () => `No .txt has words for ${count(silent.length, "clip")}, e.g. ${silent[0].path}.`;
    return { texts, notes: silent.length > 0 ? [note()] : [] };
  },

  row: ({ name, parts: { speaker, gender, emotion, session } }, { texts }) => ({
    text: texts.get(name),
    label: EMOTIONS[emotion],
    speaker,
    gender,
    session,
  }),
});
