/**
 * Reads EMO-DB (Burkhardt et al. 2005, https://doi.org/10.21437/Interspeech.2005-446): `wav/03a01Fa.wav` is
 * speaker, text, emotion and version (http://emodb.bilderbar.info/docu). Happiness is joy, anxiety is fear.
 *
 * Version 2.0 (https://zenodo.org/records/17651657, made by https://github.com/audeering/emodb) has the same
 * clips and 281 more, whose emotion less than 80 % of the listeners recognised: its table of ambiguous clips
 * names them, and they are left out as in version 1. Its folder `laryngo` holds laryngograms under the clips'
 * names, which are no clips. Its tables divide the rest by speaker into train and test; version 1 has no
 * split.
 */
import type { Split } from "../../utterance.ts";
import { type Beside, clipCorpus, nameOf, tableBeside } from "./clip_corpus.ts";

/** The classes by the letters of their German names. */
const EMOTIONS: Readonly<Record<string, string>> = {
  W: "anger",
  L: "boredom",
  E: "disgust",
  A: "fear",
  F: "joy",
  T: "sadness",
  N: "neutral",
};

const SENTENCES: Readonly<Record<string, string>> = {
  a01: "Der Lappen liegt auf dem Eisschrank.",
  a02: "Das will sie am Mittwoch abgeben.",
  a04: "Heute abend könnte ich es ihm sagen.",
  a05: "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
  a07: "In sieben Stunden wird es soweit sein.",
  b01: "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
  b02: "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
  b03: "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
  b09: "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
  b10: "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
};

/** Gender and age of each speaker. */
const SPEAKERS: Readonly<Record<string, readonly [gender: string, age: string]>> = {
  "03": ["male", "31"],
  "08": ["female", "34"],
  "09": ["female", "21"],
  "10": ["male", "32"],
  "11": ["male", "26"],
  "12": ["male", "30"],
  "13": ["female", "32"],
  "14": ["female", "35"],
  "15": ["male", "25"],
  "16": ["female", "31"],
};

interface Tables extends Beside {
  /** Split of each clip, if the folder has the tables. */
  splits?: ReadonlyMap<string, Split>;
  ambiguous: ReadonlySet<string>;
}

export const emodb = clipCorpus<Tables>({
  id: "emodb",
  name: "EMO-DB",
  example: "03a01Fa.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(
    `(?<!/laryngo)/(?<speaker>${Object.keys(SPEAKERS).join("|")})` +
      `(?<sentence>${Object.keys(SENTENCES).join("|")})(?<emotion>[WLEAFTN])[a-z]?$`,
  ),

  async beside(place, folder) {
    const clipsOf = async (table: string) => {
      const read = await tableBeside(place, folder, `db.emotion.categories.${table}.csv`);
      return read?.rows.map(({ cells }) => nameOf(cells.file ?? ""));
    };
    const [train, test, ambiguous] = [
      await clipsOf("train.gold_standard"),
      await clipsOf("test.gold_standard"),
      await clipsOf("ambiguous"),
    ];
    const splits = train && test && new Map<string, Split>([
      ...train.map((name) => [name, "train"] as const),
      ...test.map((name) => [name, "test"] as const),
    ]);
    const told = "The split is that of db.emotion.categories.train.gold_standard.csv and …test….csv.";
    return { splits, ambiguous: new Set(ambiguous), notes: splits ? [told] : [] };
  },

  row({ name, parts: { speaker, sentence, emotion } }, { splits, ambiguous }) {
    const [gender, age] = SPEAKERS[speaker];
    return {
      fault: ambiguous.has(name)
        ? "ambiguous: less than 80 % of the listeners recognised the emotion"
        : undefined,
      split: splits && (splits.get(name) ?? ""),
      text: SENTENCES[sentence],
      label: EMOTIONS[emotion],
      speaker,
      gender,
      age,
    };
  },
});
