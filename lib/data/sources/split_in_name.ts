/** Finds the split that the name of a file or folder tells. */
import { type Split, splitNamed } from "../utterance.ts";

/** A word of a path that names its split. "latest" does not. */
const SPLIT_WORD =
  /(?<![a-z])(train|dev|val|test)(?:ing|elopment|id|idation)?(?:sets?|splits?|clips?|data)?(?![a-z])/g;

/** Returns the split that a path names, from the last of its parts that names exactly one. */
export function splitInName(path: string): Split | undefined {
  for (const part of path.toLowerCase().split("/").reverse()) {
    const named = new Set(Array.from(part.matchAll(SPLIT_WORD), ([, word]) => splitNamed(word)));
    if (named.size === 1) return [...named][0];
  }
}
