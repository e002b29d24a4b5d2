/**
 * Reads DailyDialog (Li et al. 2017, https://aclanthology.org/I17-1099) from its release, as its readme.txt
 * describes it: `dialogues_text.txt` has a dialogue in each line, its turns end with `__eou__`, and
 * `dialogues_emotion.txt` has the numbers of their emotions. `train.zip`, `validation.zip` and `test.zip`
 * hold the splits (`train/dialogues_train.txt`, `train/dialogues_emotion_train.txt`). Acts and topics are not
 * read.
 */
import { basename, dirname } from "node:path";
import { badInput, count } from "../../../errors.ts";
import { type Rejection, type Split, splitNamed, SPLITS } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import { linesOf, targetFor } from "./reading.ts";

/** The classes of DailyDialog by number, 0 first. As in MELD, happiness is joy. */
export const DAILYDIALOG_LABELS = [
  "no emotion",
  "anger",
  "disgust",
  "fear",
  "joy",
  "sadness",
  "surprise",
] as const;

/** `dialogues_emotion.txt` of all dialogues, or `dialogues_emotion_train.txt` of a split. */
const EMOTIONS = /^dialogues_emotion(?:_(train|validation|test))?\.txt$/;

/** Recognises DailyDialog by the names of its files. */
export const dailydialog: DataSource = {
  id: "dailydialog",
  name: "DailyDialog",
  summary: "a DailyDialog folder (with dialogues_text.txt and dialogues_emotion.txt)",

  async recognise(_, place) {
    if (place.kind !== "folder") return undefined;
    const { length } = pairsIn(await place.files());
    return length > 0
      ? { strength: 70, reason: `${count(length, "file")} dialogues_emotion…txt` }
      : undefined;
  },

  read: readDialogues,
};

/** A file of texts and the file of their emotions. */
interface Pair {
  split?: Split;
  texts: string;
  emotions: string;
}

/** Returns the files that belong together: those of all dialogues, and those of splits. */
function pairsIn(files: readonly string[]): Pair[] {
  return files.flatMap((emotions) => {
    const found = EMOTIONS.exec(basename(emotions)), name = found?.[1];
    const texts = `${dirname(emotions)}/dialogues_${name ?? "text"}.txt`.replace(/^\.\//, "");
    return found && files.includes(texts)
      ? [{ ...name && { split: splitNamed(name)! }, texts, emotions }]
      : [];
  });
}

/**
 * Returns the turns of the splits, or of all dialogues if the splits are not extracted. A dialogue with
 * another number of emotions than of turns is rejected. Throws UndertoneError if a file has another number of
 * lines than the other, because no line is sure then.
 */
async function readDialogues(folder: string, place: Place): Promise<SourceRows> {
  targetFor(place, ["class"], folder);
  const files = await place.files(), pairs = pairsIn(files), notes: string[] = [];
  const ofSplits = SPLITS.flatMap((split) => pairs.find((pair) => pair.split === split) ?? []);
  const read = ofSplits.length > 0 ? ofSplits : pairs.slice(0, 1);
  if (read.length === 0) {
    throw badInput({
      expected: "files of DailyDialog (dialogues_text.txt with dialogues_emotion.txt, or those of splits)",
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains both.",
    });
  }
  if (ofSplits.length === 0) {
    notes.push(
      "The official splits are in train.zip, validation.zip and test.zip: extract them beside this file.",
    );
  } else {
    const missing = SPLITS.filter((split) => !ofSplits.some((pair) => pair.split === split));
    if (missing.length > 0) notes.push(`${folder} has no files of DailyDialog for ${missing.join(" and ")}.`);
  }
  const candidates: Candidate[] = [], rejected: Rejection[] = [];
  for (const pair of read) {
    const texts = await linesOf(`${folder}/${pair.texts}`, place.encoding, notes);
    const emotions = await linesOf(`${folder}/${pair.emotions}`, place.encoding, notes);
    if (texts.length !== emotions.length) {
      throw badInput({
        expected: `as many lines in ${pair.emotions} as in ${pair.texts} (${texts.length})`,
        found: String(emotions.length),
        at: folder,
        todo: "Fetch both files again.",
      });
    }
    for (const [i, line] of texts.entries()) {
      const at = `${folder}/${pair.texts}, line ${i + 1}`,
        dialogue = `${pair.split ? `${pair.split}_` : ""}${i + 1}`;
      const turns = line.split("__eou__").map((turn) => turn.trim()),
        numbers = emotions[i].trim().split(/\s+/);
      if (turns.at(-1) === "") turns.pop();
      if (turns.length !== numbers.length || numbers[0] === "") {
        const reason = `not one emotion for each turn: ${
          numbers[0] === "" ? 0 : numbers.length
        } for ${turns.length}`;
        rejected.push({ id: dialogue, at, reason });
        continue;
      }
      for (const [turn, text] of turns.entries()) {
        candidates.push({
          at,
          id: `${dialogue}_${turn}`,
          ...pair.split && { split: pair.split },
          text,
          label: DAILYDIALOG_LABELS[Number(numbers[turn])] ?? numbers[turn],
          speaker: `${dialogue}_${turn % 2 === 0 ? "A" : "B"}`,
          dialogue,
          turn: String(turn),
        });
      }
    }
  }
  notes.push("DailyDialog does not name its speakers: in each dialogue, two are taken to speak in turn.");
  return {
    name: "DailyDialog",
    path: folder,
    root: folder,
    labels: DAILYDIALOG_LABELS,
    candidates,
    rejected,
    notes,
  };
}
