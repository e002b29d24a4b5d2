/** What a text encoder reads of each row: its text, or its text in its dialogue. */
import {
  type ContextOptions,
  type Dataset,
  readsTurns,
  type TextInput,
  textsInContext,
  type Utterance,
} from "../data/mod.ts";
import { shortEnough } from "./long_text.ts";

/** What is read of dialogues, and which rows are their turns. */
export interface InDialogue extends ContextOptions {
  /** Rows that may be turns of a dialogue. Default: those of the data set. */
  among?: readonly Utterance[];
}

/** Returns a function from a row to the input of the text encoder; undefined without a text. */
export const textsOf = (
  { rows }: Pick<Dataset, "rows">,
  context?: InDialogue,
): (row: Utterance) => TextInput | undefined =>
  readsTurns(context) ? textsInContext(context.among ?? rows, context) : ({ text }) => text;

/** Returns a name that equal inputs share, and no others: the text itself if it stands alone. */
export const keyOf = (input: TextInput): string =>
  typeof input === "string" ? input : JSON.stringify(
    [...input.past, input, ...input.future].map(({ text, speaker = null }) => [text, speaker])
      .concat([[`${input.past.length}`, null]]),
  );

/** Returns an input whose own text is short enough to be encoded. Throws UndertoneError for a longer one. */
export const boundedInput = (input: TextInput): TextInput =>
  typeof input === "string" ? shortEnough(input) : { ...input, text: shortEnough(input.text) };
