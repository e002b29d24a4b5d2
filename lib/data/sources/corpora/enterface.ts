/**
 * Reads eNTERFACE'05 (Martin et al. 2006, https://doi.org/10.1109/ICDEW.2006.145), videos in `subject
 * 1/anger/sentence 1/s1_an_1.avi`, with or without the folders "sentence 1", …. Happiness is joy.
 *
 * Speaker, emotion and sentence come from the folders, because names have faults: all clips of subject 11 are
 * named s12_…, and there are `s_3_ha_1.avi` and `s16_su_3avi.avi`. The page
 * (https://enterface.net/enterface05/emotion.html) counts 42 subjects, the archive has 44: subject 6 is not
 * cut into sentences, and subject 23 lacks three clips. The sentences are those of the paper's table, in the
 * order of their numbers. No file tells a gender.
 */
import { type Beside, clipCorpus } from "./clip_corpus.ts";

/** The classes and sentences by the names of their folders, in the paper's order. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  anger: [
    "What??? No, no, no, listen! I need this money!",
    "I don't care about your coffee! Please serve me!",
    "I can have you fired you know!",
    "Is your coffee more important than my money?",
    "You're getting paid to work, not drink coffee!",
  ],
  disgust: [
    "That's horrible! I'll never eat noodles again.",
    "Something is moving inside my plate",
    "Aaaaah a cockroach!!!",
    "Eeeek, this is disgusting!!!",
    "That's gross!",
  ],
  fear: [
    "Oh my god, there is someone in the house!",
    "Someone is climbing up the stairs",
    "Please don't kill me...",
    "I'm not alone! Go away!",
    "I have nothing to give you! Please don't hurt me!",
  ],
  happiness: [
    "That's great, I'm rich now!!!",
    "I won: this is great! I'm so happy!!",
    "Wahoo... This is so great.",
    "I'm so lucky!",
    "I'm so excited!",
  ],
  sadness: [
    "Life won't be the same now",
    "Oh no, tell me this is not true, please!",
    "Everything was so perfect! I just don't understand!",
    "I still loved him (her)",
    "He (she) was my life",
  ],
  surprise: [
    "You have never told me that!",
    "I didn't expect that!",
    "Wahoo, I would never have believed this!",
    "I never saw that coming!",
    "Oh my God, that's so weird!",
  ],
};

const house = (emotion: string) => emotion === "happiness" ? "joy" : emotion;

export const enterface = clipCorpus<Beside>({
  id: "enterface",
  name: "eNTERFACE'05",
  example: "subject 1/anger/sentence 1/s1_an_1.avi",
  labels: Object.keys(SENTENCES).map(house),
  clip: new RegExp(
    `/subject[ _-]?(?<subject>\\d+)/(?<emotion>${Object.keys(SENTENCES).join("|")})/` +
      "(?:sentence[ _-]?(?<sentence>[1-5])/)?(?:[^/]*_(?<number>[1-5])(?:avi)?|[^/]+)$",
    "i",
  ),

  beside(_place, _folder, clips) {
    const { length } = clips.filter(({ parts }) => parts.subject === "23");
    const notes = length > 0 && length < 30 ? [`Subject 23 has ${length} of its 30 clips.`] : [];
    const told = "The words tell the label: each sentence is said in one emotion alone.";
    return Promise.resolve({ notes: [told, ...notes] });
  },

  row({ name, parts: { subject, emotion, sentence, number } }) {
    const class_ = emotion.toLowerCase(), nth = sentence ?? number;
    const fault = subject === "6"
      ? "not cut: one recording of subject 6 holds several sentences"
      : nth === undefined
      ? `no sentence: neither a folder nor the name '${name}' tells its number`
      : undefined;
    return {
      id: `s${subject}_${class_.slice(0, 2)}_${nth ?? name}`,
      fault,
      text: nth && SENTENCES[class_][Number(nth) - 1],
      label: house(class_),
      speaker: `s${subject}`,
    };
  },
});
