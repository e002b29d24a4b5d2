/** Words removed or masked. A text whose encoder trains has its tokens removed or masked instead. */
import type { Random } from "../../random.ts";
import type { WordAugmentation } from "./augmentation.ts";

/** Chooses each of `count` words with probability `share`, but never all of them. */
export function chooseWords(count: number, share: number, { uniform, integer }: Random): boolean[] {
  const chosen = Array.from({ length: count }, () => uniform() < share);
  if (count > 0 && chosen.every(Boolean)) chosen[integer(count)] = false;
  return chosen;
}

export const wordDropout: WordAugmentation = {
  id: "word_dropout",
  summary: "share of a text's words that are left out",
  acts: "words",
  limits: [0, 0.9],
  apply(words, [, share], random) {
    const gone = chooseWords(words.length, share, random);
    return words.map((word, i) => gone[i] ? undefined : word);
  },
};

export const wordMasking: WordAugmentation = {
  id: "word_masking",
  summary: "share of a text's words that become the encoder's mask token",
  acts: "words",
  needsMask: true,
  limits: [0, 0.9],
  apply(words, [, share], random, mask) {
    const hidden = chooseWords(words.length, share, random);
    return words.map((word, i) => hidden[i] ? mask : word);
  },
};
