/** The bound on one text. */
import { badInput } from "../errors.ts";

/** Most characters of a text: hours of speech. The time of some tokenizers grows faster than the text. */
const MOST_CHARACTERS = 100_000;

/** Returns a text that is short enough to be encoded. Throws UndertoneError for a longer one. */
export function shortEnough(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  throw badInput({
    expected: `a text of at most ${MOST_CHARACTERS.toLocaleString("en")} characters`,
    found: `one of ${text.length.toLocaleString("en")}`,
    at: `'${text.slice(0, 40)}…'`,
    todo: "Divide it into utterances, one a row.",
  });
}
