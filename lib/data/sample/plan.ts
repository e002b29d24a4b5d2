/** Plans the sample from one seed: draws the speaker, the label and the prosody of each line. */
import { type Random, random, seedOf } from "../../random.ts";
import { type Split, SPLITS, type Utterance } from "../utterance.ts";
import { drawProsody, type Prosody, type Speaker } from "./prosody.ts";
import { type Emotion, EMOTIONS, LINES } from "./sentences.ts";

/** A planned utterance of the sample, before synthesis. */
export interface Planned extends Utterance {
  text: string;
  label: Emotion;
  speaker: string;
  voice: string;
  prosody: Prosody;
}

/** Speakers of each split. No voice is in two splits; each split has women and men. */
export const SPEAKERS: Record<Split, readonly Speaker[]> = {
  train: [
    { name: "ada", voice: "en-us+f3", expressive: 0.96, pace: 1.0 },
    { name: "ben", voice: "en-us+m3", expressive: 0.99, pace: 1.01 },
    { name: "cora", voice: "en-gb-x-rp+f2", expressive: 1.06, pace: 0.96 },
    { name: "dan", voice: "en-gb-scotland+m7", expressive: 0.9, pace: 1.03 },
    { name: "edda", voice: "en-us+aunty", expressive: 0.96, pace: 0.97 },
    { name: "finn", voice: "en-gb-x-rp+m1", expressive: 1.15, pace: 1.0 },
    { name: "gwen", voice: "en-gb-x-rp+linda", expressive: 1.11, pace: 1.0 },
    { name: "hal", voice: "en-us+m6", expressive: 1.06, pace: 0.97 },
    { name: "isa", voice: "en-029+f4", expressive: 1.06, pace: 1.04 },
    { name: "jon", voice: "en-gb-x-gbclan+m8", expressive: 1.03, pace: 1.02 },
    { name: "kim", voice: "en-gb-scotland+Annie", expressive: 1.07, pace: 0.96 },
    { name: "leo", voice: "en-gb-x-gbcwmd+max", expressive: 1.09, pace: 1.01 },
  ],
  dev: [
    { name: "mia", voice: "en-gb-x-rp+f5", expressive: 0.98, pace: 0.95 },
    { name: "ned", voice: "en-us+m2", expressive: 1.12, pace: 1.0 },
    { name: "olga", voice: "en-gb-scotland+belinda", expressive: 1.08, pace: 1.04 },
    { name: "paul", voice: "en-gb-x-gbcwmd+Denis", expressive: 1.08, pace: 1.04 },
  ],
  test: [
    { name: "rosa", voice: "en-gb-x-rp+steph", expressive: 1.0, pace: 1.03 },
    { name: "sam", voice: "en-us+m5", expressive: 1.01, pace: 1.04 },
    { name: "tess", voice: "en-us+f1", expressive: 1.12, pace: 0.96 },
    { name: "vic", voice: "en-gb-scotland+m4", expressive: 0.93, pace: 0.97 },
  ],
};

/**
 * Utterances per label. As in conversation, neutral is the most frequent; fear and disgust are the rarest.
 */
const COUNTS: Record<Split, Record<Emotion, number>> = {
  train: { neutral: 42, surprise: 26, fear: 17, sadness: 24, joy: 28, disgust: 17, anger: 26 },
  dev: { neutral: 11, surprise: 7, fear: 5, sadness: 7, joy: 8, disgust: 5, anger: 7 },
  test: { neutral: 11, surprise: 7, fear: 5, sadness: 7, joy: 8, disgust: 5, anger: 7 },
};

const OPEN = 0.36; // share of lines that fit any emotion
const INCONGRUENT = 0.1; // share spoken in another emotion's voice

/** Returns the whole sample in the order of its manifest. Equal seeds give equal samples. */
export function planSample(seed: number): Planned[] {
  return SPLITS.flatMap((split) => {
    const draw = random(seedOf(seed, split));
    const speakers = endless(SPEAKERS[split], draw);
    const heard = new Set<string>();
    const open = endless(LINES[split].open, draw);
    const rows = EMOTIONS.flatMap((label) => {
      const spoken = endless(LINES[split].spoken[label], draw);
      return Array.from({ length: COUNTS[split][label] }, (_, i) => {
        const text = (i < Math.round(OPEN * COUNTS[split][label]) ? open : spoken).next().value;
        let speaker = speakers.next().value;
        while (heard.has(speaker.name + text)) speaker = speakers.next().value; // nobody says a line twice
        heard.add(speaker.name + text);
        const voiced = draw.uniform() < INCONGRUENT ? EMOTIONS[draw.integer(EMOTIONS.length)] : label;
        return { text, label, speaker, prosody: drawProsody(voiced, speaker, draw) };
      });
    });
    return draw.shuffle(rows).map(({ text, label, speaker, prosody }, i) => {
      const id = `${split}_${String(i + 1).padStart(3, "0")}`;
      const audio = `clips/${id}.mp3`;
      return { id, split, text, audio, label, speaker: speaker.name, voice: speaker.voice, prosody };
    });
  });
}

/** Yields all items in random order, then all again in another order, without end. */
function* endless<T>(items: readonly T[], draw: Random): Generator<T, never> {
  while (true) yield* draw.shuffle(items);
}
