/**
 * Reads MSP-IMPROV (Busso et al. 2017, https://doi.org/10.1109/TAFFC.2016.2515617) from its release:
 * `Evalution.txt` (so spelled) has the label, the mean dimensions and the answers of each rater, and
 * `session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav` is a clip, in some copies below `Audio`. The layout is as
 * nkululeko's script for the corpus and people's scripts on GitHub read it.
 *
 * A name says the sentence with the emotion that it was meant for (`S01A`), the speaker, whose digits are the
 * session (`F01`), and the kind of recording: `R` the sentence read, `S` the sentence improvised, `T` other
 * turns of an improvisation, `P` talk between recordings. What the letters of its last part mean, and that
 * the speaker is the same in all turns of a name, is unconfirmed. The release has no transcripts that we know
 * of.
 */
import { basename, extname } from "node:path";
import { badInput, count } from "../../../errors.ts";
import type { Rejection } from "../../utterance.ts";
import type { Candidate, DataSource, Place, SourceRows } from "../source.ts";
import { faultOf } from "./msp.ts";
import { clipsByName, linesOf, nameOf, targetFor, votesFor } from "./reading.ts";

/**
 * The classes by their codes. `O` is other and `X` no agreement. As in MELD, angry is anger, sad is sadness
 * and happy is joy.
 */
const CODES: Readonly<Record<string, string>> = { A: "anger", S: "sadness", H: "joy", N: "neutral" };

/** The classes of MSP-IMPROV. */
export const MSP_IMPROV_LABELS: readonly string[] = Object.values(CODES);

/** What raters can answer. */
const ANSWERS = [...MSP_IMPROV_LABELS, "other"];

/** The dimensions, on a scale from 1 to 5. The release also has naturalness, which is no emotion. */
const DIMENSIONS: Readonly<Record<string, string>> = { activation: "A", valence: "V", dominance: "D" };

const NAME = /^(?:UTD|MSP)-IMPROV-((S\d\d[A-Z])-([FM])(\d\d)-([A-Z]))-[A-Z]+\d+$/;

/** Recognises MSP-IMPROV by its label file. */
export const mspImprov: DataSource = {
  id: "msp-improv",
  name: "MSP-IMPROV",
  summary: "an MSP-IMPROV folder (with Evalution.txt and session1, …)",

  async recognise(_, place) {
    if (place.kind !== "folder") return undefined;
    const files = await place.files(), file = labelFile(files);
    if (file === undefined) return undefined;
    const isSure = basename(file) === "Evalution.txt" ||
      files.some((path) => NAME.test(basename(path, extname(path))));
    return isSure ? { strength: 70, reason: basename(file) } : undefined;
  },

  read: readImprov,
};

const labelFile = (files: readonly string[]): string | undefined =>
  files.find((path) => /^Evalu(a)?tion\.txt$/.test(basename(path)));

/**
 * Returns the turns of all sessions, without splits: the corpus has none. With a class as the target, turns
 * without a majority (`X`) or with another emotion (`O`) are rejected. Throws UndertoneError if there is no
 * label file.
 */
async function readImprov(folder: string, place: Place): Promise<SourceRows> {
  const files = await place.files(), labels = labelFile(files);
  if (labels === undefined) {
    throw badInput({
      expected: "the labels of MSP-IMPROV (Evalution.txt)",
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains Evalution.txt and session1, …, session6.",
    });
  }
  const target = targetFor(place, ["class", "distribution", "values"], folder);
  const notes: string[] = [], rejected: Rejection[] = [], path = `${folder}/${labels}`;
  const clips = clipsByName(files), candidates: Candidate[] = [];
  notes.push(...clips.notes);
  const { turns, copies } = turnsIn(await linesOf(path, place.encoding, notes), path);
  for (const { at, name, code, values, answers } of turns) {
    const [, dialogue, sentence, gender, session, kind] = NAME.exec(name) ?? [];
    const id = name.replace(/^UTD/, "MSP");
    const reason = session === undefined
      ? `a name that is not like UTD-IMPROV-S01A-F01-P-FM01: ${name}`
      : place.labelled && target === "class"
      ? faultOf(code, CODES)
      : undefined;
    if (reason !== undefined) {
      rejected.push({ id, at, reason });
      continue;
    }
    candidates.push({
      at,
      id,
      audio: clips.paths.get(id.toLowerCase()) ?? clips.paths.get(name.toLowerCase()) ??
        `session${Number(session)}/${sentence}/${kind}/${id}.wav`,
      ...target === "class" ? { label: CODES[code] } : {
        target: target === "values"
          ? Object.fromEntries(
            Object.entries(DIMENSIONS).map(([name, letter]) => [name, values[letter] ?? ""]),
          )
          : votesFor([...answers.values()], ANSWERS),
      },
      speaker: gender + session,
      dialogue,
      session: `session${Number(session)}`,
      gender: gender === "F" ? "female" : "male",
    });
  }
  if (copies > 0) {
    notes.push(`Ignored ${count(copies, "answer")} that a rater of MSP-IMPROV has twice for one turn.`);
  }
  return {
    name: "MSP-IMPROV",
    path: folder,
    root: folder,
    target,
    labels: target === "class" ? MSP_IMPROV_LABELS : target === "values" ? Object.keys(DIMENSIONS) : ANSWERS,
    candidates,
    rejected,
    notes,
  };
}

/** A turn as the label file describes it. */
interface Turn {
  at: string;
  name: string;
  code: string;
  /** Means by letter: `{ A: "3.000000" }`. */
  values: Record<string, string>;
  /** Each rater's main answer. */
  answers: Map<string, string[]>;
}

/**
 * Returns the turns of a label file, and how many answers a rater has twice. A turn is a line
 * `UTD-IMPROV-S01A-F01-P-FM01.avi; N; A:3.0; V:3.5; D:3.0 ; N:3.6;`, its raters follow:
 * `rater; Neutral; Neutral,Other; A:3.0; V:3.0; D:3.0; N:4.0;`.
 */
function turnsIn(lines: readonly string[], path: string): { turns: Turn[]; copies: number } {
  const turns: Turn[] = [];
  let copies = 0;
  for (const [i, line] of lines.entries()) {
    const [first, second, ...rest] = line.split(";").map((part) => part.trim());
    if (second === undefined) continue;
    if (/\.(avi|wav|mp4)$/i.test(first)) {
      const values = Object.fromEntries(rest.flatMap((part) => {
        const [, letter, value] = /^([A-Z]):\s*(.*)$/.exec(part) ?? [];
        return letter ? [[letter, value]] : [];
      }));
      const name = first.replace(/\.\w+$/, "");
      turns.push({ at: `${path}, line ${i + 1}`, name, code: second, values, answers: new Map() });
      continue;
    }
    const answers = turns.at(-1)?.answers;
    if (answers?.has(first)) copies++;
    else answers?.set(first, [nameOf(second.toLowerCase())]);
  }
  return { turns, copies };
}
