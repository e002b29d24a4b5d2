/** Who wrote the words of rows down: people, or a machine. */
import { count, few } from "../errors.ts";
import type { Candidate } from "./sources/source.ts";
import type { Utterance } from "./utterance.ts";

const MACHINE = "machine";

/** Returns what `text_source` says of words that a model heard. */
export const machineSource = (model: string): string => `${MACHINE}:${model}`;

/** Reads who wrote the words down, row by row, and tells what it found. */
export function textSources() {
  const odd: string[] = [];
  return {
    /** Returns the machine that wrote a row's words down; nothing if people did. */
    read({ textSource = "" }: Pick<Candidate, "textSource">): Pick<Utterance, "textSource"> {
      const given = textSource.trim(), [who] = given.toLowerCase().split(":");
      if (who === MACHINE) return { textSource: MACHINE + given.slice(MACHINE.length) };
      if (given !== "" && who !== "human") odd.push(given);
      return {};
    },
    /** Returns notes on machines' words among the rows, and on values that say neither. */
    notes(rows: readonly Pick<Utterance, "text" | "textSource">[]): string[] {
      const texts = rows.filter(({ text }) => text !== undefined);
      const machines = texts.flatMap(({ textSource }) => textSource ?? []);
      return [
        ...machines.length > 0
          ? [
            `${machines.length} of ${count(texts.length, "text")} ${
              machines.length === 1 ? "is" : "are"
            } a ` +
            `machine's, by text_source: ${few([...new Set(machines)])}.`,
          ]
          : [],
        ...odd.length > 0
          ? [
            `The text_source of ${count(odd.length, "row")} is ignored, e.g. ${
              few([...new Set(odd)])
            }: it is ` +
            "'machine:<model>', 'human' or empty.",
          ]
          : [],
      ];
    },
  };
}
