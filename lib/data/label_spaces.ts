/** Label spaces that studies share, and the names that corpora give to each emotion. */
import { MELD_LABELS } from "./sources/corpora/meld.ts";

/**
 * The names of each emotion in the field's corpora, in lower case with blanks. One letter is no name: F is
 * joy in EMO-DB and fear in SAVEE.
 */
const NAMES = {
  anger: ["anger", "angry", "ang", "mad"],
  disgust: ["disgust", "disgusted", "dis"],
  fear: ["fear", "fearful", "fea", "afraid", "scared", "anxiety", "anxiety/fear"],
  joy: ["joy", "joyful", "happiness", "happy", "hap"],
  sadness: ["sadness", "sad"],
  surprise: ["surprise", "surprised", "sur", "pleasant surprise", "pleasant surprised", "ps"],
  neutral: ["neutral", "neutrality", "neu", "no emotion"],
  excited: ["excited", "excitement", "exc"],
  frustrated: ["frustrated", "frustration", "fru"],
  contempt: ["contempt"],
  amused: ["amused", "amusement"],
  positive: ["positive", "pos"],
  negative: ["negative", "neg"],
} as const satisfies Record<string, readonly string[]>;

type Emotion = keyof typeof NAMES;

/** A label space: its labels in order, and the emotions that each of them takes. */
type LabelSpace = Readonly<Record<string, readonly Emotion[]>>;

const FOUR: LabelSpace = { angry: ["anger"], happy: ["joy"], neutral: ["neutral"], sad: ["sadness"] };

/** The label spaces by name. An emotion that a space does not list has no place in it. */
const SPACES: Readonly<Record<string, LabelSpace>> = {
  "meld-7": Object.fromEntries(MELD_LABELS.map((label) => [label, [label]])),
  "ekman-6-neutral": {
    anger: ["anger"],
    disgust: ["disgust"],
    fear: ["fear"],
    happiness: ["joy"],
    sadness: ["sadness"],
    surprise: ["surprise"],
    neutral: ["neutral"],
  },
  "iemocap-4": { ...FOUR, happy: ["joy", "excited"] },
  "angry-happy-neutral-sad": FOUR,
  "sentiment-3": {
    negative: ["negative", "anger", "disgust", "fear", "sadness", "frustrated", "contempt"],
    neutral: ["neutral"],
    positive: ["positive", "joy", "excited", "amused"],
  },
};

/** The names of the label spaces. */
export const LABEL_SPACES: readonly string[] = Object.keys(SPACES);

/** Returns the labels of a label space, in order; undefined if there is none of this name. */
export const labelsOfSpace = (name: string): string[] | undefined =>
  Object.hasOwn(SPACES, name) ? Object.keys(SPACES[name]) : undefined;

/**
 * Returns the label of a space for a corpus' own name of an emotion, in any case and with `_` or `-` for
 * blanks; null if the space has no place for it.
 */
export function labelInSpace(space: string, name: string): string | null {
  const plain = name.trim().toLowerCase().replaceAll(/[\s_-]+/g, " ");
  for (const [label, emotions] of Object.entries(SPACES[space])) {
    if (emotions.some((emotion) => (NAMES[emotion] as readonly string[]).includes(plain))) return label;
  }
  return null;
}
