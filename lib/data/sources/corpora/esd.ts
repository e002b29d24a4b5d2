/**
 * Reads ESD (Zhou et al. 2022, https://github.com/HLTSingapore/Emotional-Speech-Data):
 * `0011/Angry/0011_000351.wav` is speaker, emotion and number; the emotion may hold the folders train,
 * evaluation and test. `0011/0011.txt` has a line for each clip: name, words, emotion.
 *
 * Speakers 0001 to 0010 speak Mandarin, 0011 to 0020 English; their genders are those of ReadMe.txt. Happy is
 * joy, angry is anger, sad is sadness. The transcripts are UTF-8, UTF-16, GB 2312 or Latin-1, and some of
 * their lines lack tabs (https://github.com/Strong-AI-Lab/emotion/blob/master/datasets/ESD/process.py; what
 * stands in their place is unconfirmed). The published folders share speakers and sentences between train,
 * evaluation (here dev) and test.
 */
import { count } from "../../../errors.ts";
import type { Split } from "../../utterance.ts";
import type { Place } from "../source.ts";
import {
  type Beside,
  clipCorpus,
  clipsWithout,
  type NamedClip,
  pathBeside,
  readWords,
} from "./clip_corpus.ts";

/** The classes by the names of their folders, in the order of the corpus' page. */
const EMOTIONS: Readonly<Record<string, string>> = {
  Neutral: "neutral",
  Happy: "joy",
  Angry: "anger",
  Sad: "sadness",
  Surprise: "surprise",
};

const SPLITS: Readonly<Record<string, Split>> = { train: "train", evaluation: "dev", test: "test" };

const MEN = [4, 5, 6, 8, 10, 11, 12, 13, 14, 20];

/** A line of a transcript, split by tabs or spaces. The emotion at its end is English or Chinese. */
const LINE =
  /^\s*(\d{4}_\d{6})\s+(.*?)(?:\s+(?:Neutral|Happy|Angry|Sad|Surprise|中立|快乐|生气|伤心|惊喜))?\s*$/;

interface Transcripts extends Beside {
  texts: ReadonlyMap<string, string>;
}

export const esd = clipCorpus<Transcripts>({
  id: "esd",
  name: "ESD",
  example: "0011/Angry/0011_000351.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(
    `/(?<emotion>${Object.keys(EMOTIONS).join("|")})/(?:(?<split>${Object.keys(SPLITS).join("|")})/)?` +
      "(?<speaker>00(?:0[1-9]|1\\d|20))_\\d{6}$",
  ),
  beside: transcripts,

  row: ({ name, parts: { emotion, split, speaker } }, { texts }) => ({
    text: texts.get(name),
    split: split && SPLITS[split],
    label: EMOTIONS[emotion],
    speaker,
    gender: MEN.includes(Number(speaker)) ? "male" : "female",
  }),
});

/** Reads the words of the clips' speakers, with notes on guessed encodings and clips without words. */
async function transcripts(
  place: Place,
  folder: string,
  clips: readonly NamedClip[],
): Promise<Transcripts> {
  const texts = new Map<string, string>(), guessed: string[] = [];
  for (const speaker of new Set(clips.map(({ parts }) => parts.speaker))) {
    const path = await pathBeside(place, folder, `${speaker}.txt`);
    if (path === undefined) continue;
    const encoding = place.encoding ?? (Number(speaker) <= 10 ? "gb18030" : "windows-1252");
    const { text, isGuess } = await readWords(`${folder}/${path}`, encoding);
    if (isGuess) guessed.push(`${path} as ${encoding}`);
    for (const line of text.split(/\r\n?|\n/)) {
      const [, name, words] = LINE.exec(line) ?? [];
      if (words && !words.includes("\ufffd")) texts.set(name, words);
    }
  }
  const silent = clipsWithout(clips, texts);
  const isChinese = clips.some(({ parts }) => Number(parts.speaker) <= 10);
  const notes = [
    ...guessed.length > 0 ? [`Read transcripts that are no Unicode: ${guessed.join(", ")}.`] : [],
    ...silent.length > 0
      ? [`No transcript has words for ${count(silent.length, "clip")}, e.g. ${silent[0].path}.`]
      : [],
    ...isChinese ? ["The speakers 0001 to 0010 speak Mandarin."] : [],
    ...clips.some(({ parts }) => parts.split)
      ? ["The folders train, evaluation (dev) and test share their speakers and sentences."]
      : [],
  ];
  return { texts, notes };
}
