/**
 * Reads IEMOCAP (Busso et al. 2008, https://doi.org/10.1007/s10579-008-9076-6) from its full release:
 * `Session1/dialog/EmoEvaluation/Ses01F_impro01.txt` has the labels of a dialogue, `dialog/transcriptions`
 * its words, and `sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav` is a clip. The layout is as the
 * release's README and EmoBox's script for the corpus show it.
 *
 * A block of EmoEvaluation holds the label on which most raters agree (`xxx` if none), the means of valence,
 * activation and dominance, and the answers of each rater (`C-E2`, `A-E3`). Answers of the actors themselves
 * (`C-F1`, `A-M1`) count in neither.
 */
import { dirname } from "node:path";
import { badInput, count } from "../../../errors.ts";
import type { Rejection } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import { clipsByName, linesOf, nameOf, targetFor, votesFor } from "./reading.ts";

/**
 * The categories of IEMOCAP in the order of its paper, by the codes of its label files. Those that MELD also
 * has get MELD's names: happiness is joy.
 */
const CODES: Readonly<Record<string, string>> = {
  neu: "neutral",
  hap: "joy",
  sad: "sadness",
  ang: "anger",
  sur: "surprise",
  fea: "fear",
  dis: "disgust",
  fru: "frustration",
  exc: "excited",
  oth: "other",
};

/** What raters can answer. */
const ANSWERS = Object.values(CODES);

/** The classes: all categories but `other`, which has 3 of 10 039 turns and no meaning of its own. */
export const IEMOCAP_LABELS: readonly string[] = ANSWERS.filter((name) => name !== "other");

const DIMENSIONS = ["valence", "activation", "dominance"] as const;

/** The label file of a dialogue. Those in subfolders (Categorical, Attribute) hold single raters. */
const EVALUATION = /(?:^|\/)EmoEvaluation\/Ses\d\d[FM]_\w+\.txt$/;
const TRANSCRIPT = /(?:^|\/)transcriptions\/Ses\d\d[FM]_\w+\.txt$/;

/** `[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]` */
const HEAD = /^\[([\d.]+) *- *([\d.]+)\]\s+(\S+)\s+(\w+)\s+\[([^\]]*)\]/;
/** `C-E2:	Neutral; Anger;	(comment)`, of a rater who is not the actor. */
const ANSWER = /^C-E\d+:\s*([^(]*)/;
/** The dialogue, the session and the speaker of a turn. */
const TURN = /^((Ses\d\d)[FM]_\w+)_([FM])\w*$/;
/** `Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.` */
const WORDS = /^(\S+) +\[[\d.]+ *- *[\d.]+\]: *(.*)$/;

/** Recognises IEMOCAP by its folders of label files. */
export const iemocap: DataSource = {
  id: "iemocap",
  name: "IEMOCAP",
  summary: "an IEMOCAP folder (with Session1/dialog/EmoEvaluation)",

  async recognise(_, place) {
    if (place.kind !== "folder") return undefined;
    const { length } = (await place.files()).filter((path) => EVALUATION.test(path));
    return length > 0 ? { strength: 70, reason: `${count(length, "label file")} of IEMOCAP` } : undefined;
  },

  read: readIemocap,
};

/** A turn as its label file describes it. */
interface Turn {
  at: string;
  id: string;
  start: number;
  end: number;
  code: string;
  /** Valence, activation, dominance. */
  values: string[];
  /** The categories that each rater gives. */
  answers: string[][];
}

/**
 * Returns the turns of all dialogues, in time order. Speakers are those of a session (`Ses01F`, `Ses01M`):
 * the letter before the last number says who speaks. With a class as the target, turns without a majority
 * (`xxx`) or with another emotion (`oth`) are rejected. Throws UndertoneError if there is no label file.
 */
async function readIemocap(folder: string, place: Place): Promise<SourceRows> {
  const files = await place.files(), evaluations = files.filter((path) => EVALUATION.test(path));
  if (evaluations.length === 0) {
    throw badInput({
      expected: "label files of IEMOCAP (Session1/dialog/EmoEvaluation/Ses01F_impro01.txt, …)",
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains Session1, …, Session5.",
    });
  }
  const target = targetFor(place, ["class", "distribution", "values"], folder);
  const notes: string[] = [], rejected: Rejection[] = [];
  const clips = clipsByName(place.audio ? files : []), words = new Map<string, string>();
  notes.push(...clips.notes);
  for (const path of files.filter((path) => TRANSCRIPT.test(path))) {
    for (const line of await linesOf(`${folder}/${path}`, place.encoding, notes)) {
      const [, id, text] = WORDS.exec(line) ?? [];
      if (id) words.set(id, text);
    }
  }
  const candidates: Candidate[] = [], unknown = new Set<string>();
  let wordless = 0, outside = 0;
  for (const path of evaluations) {
    const turns = turnsIn(
      await linesOf(`${folder}/${path}`, place.encoding, notes),
      `${folder}/${path}`,
      rejected,
    );
    turns.sort((a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1));
    for (const [number, turn] of turns.entries()) {
      const { at, id, code, values, answers } = turn, [, dialogue, session, who] = TURN.exec(id)!;
      const reason = place.labelled && target === "class" ? faultOf(code) : undefined;
      if (reason !== undefined) {
        rejected.push({ id, at, reason });
        continue;
      }
      for (const name of answers.flat()) if (!ANSWERS.includes(name)) unknown.add(name);
      wordless += Number(!words.has(id));
      outside += Number(values.some((value) => Number(value) < 1 || Number(value) > 5));
      candidates.push({
        at,
        id,
        text: words.get(id),
        audio: clips.paths.get(id.toLowerCase()) ??
          (clips.paths.size > 0 || place.byName ? clipOf(path, dialogue, id) : undefined),
        ...target === "class"
          ? { label: IEMOCAP_LABELS.find((name) => name === CODES[code]) }
          : { target: target === "values" ? valuesOf(values) : votesFor(answers, ANSWERS) },
        speaker: session + who,
        dialogue,
        turn: String(number),
        session,
        gender: who === "F" ? "female" : "male",
      });
    }
  }
  if (place.audio && clips.paths.size === 0) {
    notes.push(
      `Found no clips (sentences/wav/…/Ses01F_impro01_F000.wav) below ${folder}: only text is used.`,
    );
  }
  if (wordless > 0) notes.push(`No words in the transcriptions for ${count(wordless, "turn")}.`);
  if (target === "distribution") {
    notes.push("Each rater of IEMOCAP has one vote, divided among the categories that the rater gave.");
    if (unknown.size > 0) {
      notes.push(`Ignored answers that IEMOCAP does not define: ${[...unknown].join(", ")}.`);
    }
  }
  if (target === "values" && outside > 0) {
    notes.push(`Values outside the scale from 1 to 5, as published, in ${count(outside, "turn")}.`);
  }
  return {
    name: "IEMOCAP",
    path: folder,
    root: folder,
    target,
    labels: target === "class" ? IEMOCAP_LABELS : target === "values" ? DIMENSIONS : ANSWERS,
    candidates,
    rejected,
    notes,
  };
}

/** Returns where a clip should be, for the reason why its row is rejected. */
const clipOf = (evaluation: string, dialogue: string, id: string): string =>
  `${dirname(dirname(dirname(evaluation)))}/sentences/wav/${dialogue}/${id}.wav`.replace(/^\.\//, "");

function faultOf(code: string): string | undefined {
  if (code === "xxx") return "no label that most raters gave (xxx)";
  if (code === "oth") return "the label 'other' (oth), which is not a class";
  return Object.hasOwn(CODES, code) ? undefined : `unknown label: '${code}'`;
}

const valuesOf = (values: readonly string[]): Record<string, string> =>
  Object.fromEntries(DIMENSIONS.map((name, i) => [name, values[i] ?? ""]));

/** Returns the turns of a label file. Turns with names of another form are rejected. */
function turnsIn(lines: readonly string[], path: string, rejected: Rejection[]): Turn[] {
  const turns: Turn[] = [];
  let turn: Turn | undefined;
  for (const [i, line] of lines.entries()) {
    const [, start, end, id, code, values] = HEAD.exec(line) ?? [], at = `${path}, line ${i + 1}`;
    const [, given] = ANSWER.exec(line) ?? [];
    if (id !== undefined) {
      turn = {
        at,
        id,
        start: Number(start),
        end: Number(end),
        code,
        values: values.split(/[,;]\s*/),
        answers: [],
      };
      if (TURN.test(id)) turns.push(turn);
      else rejected.push({ id, at, reason: `a turn's name that is not like Ses01F_impro01_F000: ${id}` });
    } else if (line.startsWith("[")) {
      rejected.push({ id: "(none)", at, reason: `a turn that can't be read: ${line.slice(0, 100)}` });
      turn = undefined;
    } else if (given !== undefined) {
      turn?.answers.push(given.split(";").map(categoryOf).filter((name) => name !== ""));
    }
  }
  return turns;
}

/** Raters' answers are words: "Neutral state", "Excited". */
function categoryOf(answer: string): string {
  const word = answer.trim().toLowerCase();
  return word === "neutral state" ? "neutral" : nameOf(word);
}
