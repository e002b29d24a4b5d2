/** Which rows must stay in one split of a fold: those of a speaker, else of a dialogue, else of a text. */
import { badInput } from "../../errors.ts";
import type { UnsplitRow } from "../check.ts";
import { type GroupKey, groupSizes } from "../split.ts";

/** What is counted when there is too little of it. */
const PLURAL = { speaker: "speakers", dialogue: "dialogues", text: "texts or clips", audio: "clips" };

/**
 * Returns the keys that tie rows. Rows of one speaker are always tied if any row names its speaker; without
 * speakers, rows of one dialogue; without dialogues, rows of one text or clip. Speakers who share a dialogue
 * or a clip are tied, too, if that leaves no group with more than half of the rows. Throws UndertoneError if
 * there are fewer groups than `needed`.
 */
export function tiesOf(
  rows: readonly UnsplitRow[],
  needed: number,
  { what, at }: { what: string; at: string },
): readonly GroupKey[] {
  const has = (key: GroupKey) => rows.some((row) => row[key]);
  const choices: (readonly GroupKey[])[] = has("speaker")
    ? [["speaker", "dialogue", "audio"], ["speaker", "dialogue"], ["speaker", "audio"], ["speaker"]]
    : has("dialogue")
    ? [["dialogue", "audio"], ["dialogue"]]
    : [["text", "audio"], ["text"], ["audio"]];
  const sizes = choices.map((keys) => groupSizes(rows, keys));
  const enough = (i: number) => sizes[i].groups >= needed;
  const even = choices.findIndex((_, i) => enough(i) && sizes[i].largest <= rows.length / 2);
  const found = even >= 0 ? even : choices.findLastIndex((_, i) => enough(i));
  if (found >= 0) return withoutIdle(rows, choices[found].filter(has));
  const most = sizes.reduce((most, { groups }) => Math.max(most, groups), 0);
  throw badInput({
    expected: `at least ${needed} ${PLURAL[choices[0][0] as keyof typeof PLURAL]} for ${what}`,
    found: String(most),
    at,
    todo: "Choose fewer folds or another protocol, or add data: rows that belong together are never divided.",
  });
}

/** Leaves out keys after the first that tie nothing more. */
function withoutIdle(rows: readonly UnsplitRow[], keys: readonly GroupKey[]): readonly GroupKey[] {
  const idle = keys.slice(1).find((key) => {
    const others = keys.filter((other) => other !== key);
    return groupSizes(rows, others).groups === groupSizes(rows, keys).groups;
  });
  return idle ? withoutIdle(rows, keys.filter((key) => key !== idle)) : keys;
}
